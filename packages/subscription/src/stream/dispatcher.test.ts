import { realClock } from "@trunkline/process";
import { type DecodedMessage, type Lsn, lsn, type RelationMessage } from "@trunkline/protocol";
import { gate } from "@trunkline/testing";
import { expect, test } from "vitest";
import { type DispatcherParts, dispatchAll } from "./dispatcher.ts";
import { Intake } from "./intake.ts";
import type { Transaction } from "./transaction.ts";

const relation: RelationMessage = {
  kind: "relation",
  xid: null,
  id: 1,
  schema: "public",
  name: "things",
  replicaIdentity: "default",
  columns: [{ name: "id", typeOid: 23, typeModifier: -1, key: true }],
};
const at = (value: number): Lsn => lsn(BigInt(value));

/** A dispatcher whose intake has one transaction of two rows for each of `commits`. */
function dispatcher(commits: readonly number[], parts: Partial<DispatcherParts>) {
  const intake = new Intake(at(0), { changes: 1000, bytes: 100_000 }, { room: () => {}, durable: () => {} });
  for (const commit of commits) {
    const messages: DecodedMessage[] = [
      { kind: "begin", finalLsn: at(commit), commitClock: 0n, xid: commit },
      { kind: "insert", xid: null, relation, new: { id: commit } },
      { kind: "insert", xid: null, relation, new: { id: commit + 1 } },
      { kind: "commit", commitLsn: at(commit), endLsn: at(commit + 8), commitClock: 0n },
    ];
    for (const message of messages) intake.take(message, 10);
  }
  const ended = new AbortController();
  const saved: Lsn[] = [];
  const run = dispatchAll({
    intake,
    handlers: { onTransaction: undefined, onChange: undefined, onMessage: undefined },
    policy: { afterFailure: () => ({ type: "retry", waitMs: 0 }), park: undefined },
    clock: realClock(),
    signal: ended.signal,
    owner: () => ({ systemId: "1", timeline: 1, slot: "s" }),
    save: async (end) => void saved.push(end),
    again: () => {},
    begins: () => {},
    settled: () => {},
    handled: () => {},
    failed: () => {},
    ...parts,
  });
  /** What the engine does when its process ends. */
  const end = (): void => {
    ended.abort();
    intake.stop();
  };
  return { intake, run, end, saved };
}

/** A handler that says when it runs, and waits until it is let go. */
function stubborn() {
  const busy = gate();
  const free = gate();
  const runs: Transaction[] = [];
  const onTransaction = async (transaction: Transaction) => {
    runs.push(transaction);
    busy.open();
    await free.opened;
  };
  return { busy, free, runs, handlers: { onTransaction, onChange: undefined, onMessage: undefined } };
}

test("once the subscription has ended, a handler that comes to its end is the last that ran, and nothing is saved", async () => {
  const { busy, free, runs, handlers } = stubborn();
  const { run, end, saved, intake } = dispatcher([100, 200], { handlers });
  await busy.opened;
  expect(runs[0]?.signal.aborted).toBe(false);
  end();
  expect(runs[0]?.signal.aborted).toBe(true);
  free.open();
  await run;
  expect([runs.length, saved, intake.ledger.durable]).toEqual([1, [], 0n]);
});

test("a handler that fails once the subscription has ended is neither run again nor stored aside", async () => {
  const told: string[] = [];
  const busy = gate();
  const free = gate();
  const onTransaction = async () => {
    busy.open();
    await free.opened;
    throw new Error("no");
  };
  const { run, end } = dispatcher([100], {
    handlers: { onTransaction, onChange: undefined, onMessage: undefined },
    policy: { afterFailure: () => ({ type: "park" }), park: () => told.push("parked") },
    failed: () => void told.push("failed"),
  });
  await busy.opened;
  end();
  free.open();
  await run;
  expect(told).toEqual([]);
});

test("a wait before the next run ends with the subscription, and the run does not come", async () => {
  const failed = gate();
  let runs = 0;
  const onTransaction = () => {
    runs += 1;
    throw new Error("no");
  };
  const { run, end } = dispatcher([100], {
    handlers: { onTransaction, onChange: undefined, onMessage: undefined },
    policy: { afterFailure: () => ({ type: "retry", waitMs: 60_000 }), park: undefined },
    failed: () => failed.open(),
  });
  await failed.opened;
  end();
  await run;
  expect(runs).toBe(1);
});

test("of the changes of a transaction none is handed to onChange once the subscription has ended", async () => {
  const seen: unknown[] = [];
  const busy = gate();
  const free = gate();
  const onChange = async (change: { readonly kind: string }) => {
    seen.push(change.kind);
    busy.open();
    await free.opened;
  };
  const { run, end } = dispatcher([100], { handlers: { onTransaction: undefined, onChange, onMessage: undefined } });
  await busy.opened;
  end();
  free.open();
  await run;
  expect(seen).toEqual(["insert"]);
});

test("a signal that is first asked for when the handler is through is not aborted by what comes later", async () => {
  const { busy, free, runs, handlers } = stubborn();
  const { run, end, intake } = dispatcher([100], { handlers });
  await busy.opened;
  free.open();
  intake.stop();
  await run;
  expect(runs[0]?.signal.aborted).toBe(false);
  end();
  expect(runs[0]?.signal.aborted).toBe(false);
});

test("the handler is told how often it has failed before, and then the next transaction begins at 1", async () => {
  const attempts: number[] = [];
  let intakeOf: Intake | undefined;
  const onTransaction = (transaction: Transaction) => {
    attempts.push(transaction.attempt);
    if (attempts.length < 3) throw new Error("not yet");
    if (attempts.length === 4) intakeOf?.stop();
  };
  const { run, intake, saved } = dispatcher([100, 200], {
    handlers: { onTransaction, onChange: undefined, onMessage: undefined },
  });
  intakeOf = intake;
  await run;
  expect([attempts, saved, intake.ledger.durable]).toEqual([[1, 2, 3, 1], [108n, 208n], 208n]);
});
