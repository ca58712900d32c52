import { type Lsn, lsn } from "@trunkline/protocol";
import { expect, test } from "vitest";
import {
  acknowledge,
  begin,
  commit,
  createLedger,
  disconnect,
  dispatch,
  fail,
  finish,
  keepalive,
  type Ledger,
  message,
  nextToDispatch,
  oldestUnfinished,
  unfinished,
} from "./ledger.ts";

const at = (position: number): Lsn => lsn(BigInt(position));
const start = createLedger(at(100));

/** A transaction that has come in whole. */
const whole = (ledger: Ledger, commitLsn: number, endLsn: number): Ledger =>
  commit(begin(ledger, at(commitLsn)), at(endLsn));

/** Hands the next one out, and tells its ticket. */
function handOut(ledger: Ledger): [Ledger, number] {
  const next = nextToDispatch(ledger);
  if (next === undefined) throw new Error("Nothing to hand out.");
  return [dispatch(ledger), next.ticket];
}

test("a new ledger stands at the position it resumes from", () => {
  const { received, dispatched, durable, acked } = start;
  expect([received, dispatched, durable, acked]).toEqual([at(100), at(100), at(100), at(100)]);
});

test("what was received is neither dispatched, nor durable, nor acknowledged", () => {
  const ledger = acknowledge(whole(start, 110, 120));
  expect(ledger).toMatchObject({ received: at(120), dispatched: at(100), durable: at(100), acked: at(100) });
  expect(unfinished(ledger)).toBe(1);
});

test("what was handed out is durable when its handler is through, and acknowledged when that was reported", () => {
  const [handed, ticket] = handOut(whole(start, 110, 120));
  expect(handed).toMatchObject({ dispatched: at(120), durable: at(100) });
  const done = finish(handed, ticket);
  expect(done).toMatchObject({ durable: at(120), acked: at(100), running: [] });
  expect(acknowledge(done).acked).toBe(at(120));
});

test("trap 1: durable is the end of the last finished commit, and only of a contiguous run", () => {
  let ledger = whole(whole(whole(start, 110, 120), 130, 140), 150, 160);
  const tickets: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const [next, ticket] = handOut(ledger);
    ledger = next;
    tickets.push(ticket);
  }
  const [first = 0, second = 0, third = 0] = tickets;
  ledger = finish(ledger, third);
  expect(ledger.durable).toBe(at(100));
  ledger = finish(ledger, first);
  expect(ledger.durable).toBe(at(120));
  ledger = finish(ledger, second);
  expect(ledger.durable).toBe(at(160));
});

test("trap 2: a keepalive inside a transaction does not advance, even when all before it is finished", () => {
  const ledger = keepalive(begin(start, at(110)), at(110));
  expect(ledger).toMatchObject({ received: at(110), durable: at(100) });
});

test("trap 2: what a keepalive inside a transaction said is not remembered either", () => {
  const [handed, ticket] = handOut(commit(keepalive(begin(start, at(110)), at(900)), at(120)));
  expect(finish(handed, ticket)).toMatchObject({ received: at(900), durable: at(120) });
});

test("trap 2: a keepalive while a handler works does not advance until that handler is through", () => {
  const [handed, ticket] = handOut(whole(start, 110, 120));
  const heard = keepalive(handed, at(500));
  expect(heard.durable).toBe(at(100));
  expect(finish(heard, ticket).durable).toBe(at(500));
});

test("a keepalive advances the ledger when nothing is unfinished", () => {
  expect(keepalive(start, at(500))).toMatchObject({ received: at(500), dispatched: at(500), durable: at(500) });
});

test("trap 3: a transaction whose commit is exactly a confirmed WAL end is delivered", () => {
  const ledger = begin(keepalive(start, at(110)), at(110));
  expect(ledger.receiving.type).toBe("held");
});

test("trap 3: a WAL end that goes backwards changes nothing", () => {
  const ledger = keepalive(start, at(500));
  expect(keepalive(ledger, at(50))).toEqual(ledger);
});

test("trap 4: a transaction that is durable here and comes again is repeated, whatever the server kept", () => {
  const [handed, ticket] = handOut(whole(start, 110, 120));
  const resumed = disconnect(acknowledge(finish(handed, ticket)));
  const again = begin(resumed, at(110));
  expect(again.receiving).toEqual({ type: "repeated", commitLsn: at(110) });
  expect(commit(again, at(120))).toMatchObject({ durable: at(120), receiving: { type: "nothing" } });
});

test("a transaction that is still with its handler after a reconnect is repeated, and its handler finishes it", () => {
  const [handed, ticket] = handOut(whole(start, 110, 120));
  const again = begin(disconnect(handed), at(110));
  expect(again.receiving.type).toBe("repeated");
  expect(finish(commit(again, at(120)), ticket).durable).toBe(at(120));
});

test("the handler of a transaction that was cut off can't finish its second delivery", () => {
  const [handed, cutOff] = handOut(begin(start, at(110)));
  const again = whole(disconnect(handed), 110, 120);
  const [second, ticket] = handOut(again);
  expect(ticket).not.toBe(cutOff);
  expect(finish(second, cutOff).durable).toBe(at(100));
  expect(finish(second, ticket).durable).toBe(at(120));
});

test("a transaction may be handed out while it is on the wire, and is durable when it is whole and finished", () => {
  const [handed, ticket] = handOut(begin(start, at(110)));
  expect(handed.dispatched).toBe(at(100));
  const finished = finish(handed, ticket);
  expect(finished.durable).toBe(at(100));
  expect(commit(finished, at(120))).toMatchObject({ dispatched: at(120), durable: at(120) });
});

test("transactions are handed out in commit order, the one on the wire last", () => {
  const ledger = begin(whole(whole(start, 110, 120), 130, 140), at(150));
  const order: Lsn[] = [];
  let rest = ledger;
  for (let next = nextToDispatch(rest); next !== undefined; next = nextToDispatch(rest)) {
    order.push(next.commitLsn);
    rest = dispatch(rest);
  }
  expect(order).toEqual([at(110), at(130), at(150)]);
  expect(dispatch(rest)).toBe(rest);
});

test("a failure counts, and holds the acknowledgement up", () => {
  const [handed, ticket] = handOut(whole(start, 110, 120));
  const failed = fail(fail(handed, ticket), ticket);
  expect(oldestUnfinished(failed)).toMatchObject({ commitLsn: at(110), failures: 2 });
  expect(keepalive(failed, at(500)).durable).toBe(at(100));
  expect(finish(failed, ticket).durable).toBe(at(120));
});

test("a message outside transactions is held until its handler is through", () => {
  const [handed, ticket] = handOut(message(start, at(110)));
  expect(keepalive(handed, at(500)).durable).toBe(at(100));
  const done = finish(handed, ticket);
  expect(done.durable).toBe(at(110));
  expect(unfinished(message(done, at(110)))).toBe(0);
});

test("what was heard on a connection that is gone is forgotten", () => {
  const [handed, ticket] = handOut(whole(start, 110, 120));
  const ledger = disconnect(keepalive(handed, at(500)));
  expect(finish(ledger, ticket).durable).toBe(at(120));
});

test("a transaction that waits or is on the wire at a break comes again, under another ticket", () => {
  const ledger = disconnect(begin(whole(start, 110, 120), at(130)));
  expect(unfinished(ledger)).toBe(0);
  expect(begin(ledger, at(110)).receiving.type).toBe("held");
});

test("acknowledging twice answers with the same ledger", () => {
  expect(acknowledge(start)).toBe(start);
});
