import { type DecodedMessage, type Lsn, lsn, type RelationMessage } from "@trunkline/protocol";
import { expect, test } from "vitest";
import type { AnyChange } from "./change.ts";
import { Intake, type Work } from "./intake.ts";

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
const begin = (commit: number): DecodedMessage => ({ kind: "begin", finalLsn: at(commit), commitClock: 0n, xid: 1 });
const insert = (id: number): DecodedMessage => ({ kind: "insert", xid: null, relation, new: { id } });
const commit = (start: number): DecodedMessage => ({
  kind: "commit",
  commitLsn: at(start),
  endLsn: at(start + 8),
  commitClock: 0n,
});

function intakeAt(durable: number, limits = { changes: 4, bytes: 1000 }) {
  const told: string[] = [];
  const intake = new Intake(at(durable), limits, {
    room: () => void told.push("room"),
    durable: (by) => void told.push(by),
  });
  const take = (...messages: readonly DecodedMessage[]): void => {
    for (const message of messages) intake.take(message, 1);
  };
  return { intake, take, told };
}

const held = (work: Work | undefined) => {
  if (work?.type !== "transaction") throw new TypeError("No transaction was handed out.");
  return work;
};

async function idsOf(changes: AsyncIterable<AnyChange>): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const change of changes) ids.push(change.kind === "insert" ? change.new["id"] : change.kind);
  return ids;
}

test("Trap 2: a keepalive between Begin and Commit, or while a handler works, confirms nothing", async () => {
  const { intake, take } = intakeAt(10);
  take(begin(100), insert(1));
  intake.keepalive(at(200));
  expect(intake.ledger.durable).toBe(10n);
  take(commit(100));
  const { ticket } = held(await intake.next());
  intake.keepalive(at(300));
  expect(intake.ledger.durable).toBe(10n);
  intake.finished(ticket);
  expect(intake.ledger.durable).toBe(300n);
});

test("Trap 3: a WAL end equal to the commit's position finishes nothing, and one that goes back moves nothing back", () => {
  const { intake, take } = intakeAt(10);
  take(begin(100), insert(1));
  intake.keepalive(at(100));
  expect(intake.ledger.durable).toBe(10n);
  expect(intake.unfinished).toBe(1);
  intake.keepalive(at(5));
  expect(intake.ledger.received).toBe(100n);
});

test("Trap 13: transactions in parts are refused, since chunks would have to be kept and dropped", () => {
  const { take } = intakeAt(10);
  const chunk: DecodedMessage = { kind: "streamStart", xid: 7, first: true };
  expect(() => take(chunk)).toThrow(expect.objectContaining({ code: "slot_unsuitable" }));
});

test("Trap 14: a prepared transaction is refused, since its rows would not come again", () => {
  const { take } = intakeAt(10);
  const prepared = { kind: "beginPrepare", prepareLsn: at(1), endLsn: at(2), prepareClock: 0n, xid: 7, gid: "g" };
  expect(() => take(prepared as DecodedMessage)).toThrow(expect.objectContaining({ code: "slot_unsuitable" }));
});

test("a transaction that does not fit is handed out while it arrives, and room is told when it has been read", async () => {
  const { intake, take, told } = intakeAt(10);
  take(begin(100), insert(1), insert(2), insert(3));
  const asked = intake.next();
  expect(intake.full).toBe(false);
  take(insert(4));
  expect(intake.full).toBe(true);
  const work = held(await asked);
  const reading = idsOf(work.held.read());
  await Promise.resolve();
  while (intake.full) await Promise.resolve();
  expect(told).toContain("room");
  take(insert(5), commit(100));
  expect(await reading).toEqual([1, 2, 3, 4, 5]);
  expect(intake.buffered).toEqual({ changes: 0, bytes: 0 });
  intake.finished(work.ticket);
  expect(intake.ledger.durable).toBe(108n);
});

test("what is not read makes room when the transaction is finished, and the rest of it is not held", async () => {
  const { intake, take } = intakeAt(10);
  take(begin(100), insert(1), insert(2), insert(3), insert(4));
  const { ticket } = held(await intake.next());
  intake.finished(ticket);
  expect(intake.full).toBe(false);
  take(insert(5), insert(6));
  expect(intake.buffered).toEqual({ changes: 0, bytes: 0 });
  expect(intake.ledger.durable).toBe(10n);
  take(commit(100));
  expect(intake.ledger.durable).toBe(108n);
});

test("a transaction in pieces is cut when the connection is lost, and comes again as another delivery", async () => {
  const { intake, take } = intakeAt(10);
  take(begin(100), insert(1), insert(2), insert(3), insert(4));
  const first = held(await intake.next());
  const reading = idsOf(first.held.read());
  intake.disconnected();
  await expect(reading).rejects.toMatchObject({ code: "transaction_cut" });
  expect(intake.running(first.ticket)).toBe(false);
  expect(intake.buffered).toEqual({ changes: 0, bytes: 0 });
  take(begin(100), insert(1), commit(100));
  const second = held(await intake.next());
  expect(await idsOf(second.held.read())).toEqual([1]);
  intake.finished(first.ticket);
  expect(intake.ledger.durable).toBe(10n);
  intake.finished(second.ticket);
  expect(intake.ledger.durable).toBe(108n);
});

test("a whole transaction that is with its handler survives the connection, and is not handed out a second time", async () => {
  const { intake, take } = intakeAt(10);
  take(begin(100), insert(1), commit(100));
  const { ticket, held: transaction } = held(await intake.next());
  intake.disconnected();
  take(begin(100), insert(1), commit(100), begin(200), insert(2), commit(200));
  expect(await idsOf(transaction.read())).toEqual([1]);
  intake.finished(ticket);
  const next = held(await intake.next());
  expect(await idsOf(next.held.read())).toEqual([2]);
});

test("what must come again holds everything back until it has come", async () => {
  const { intake, take } = intakeAt(10);
  take(begin(100), insert(1), insert(2), insert(3), insert(4));
  const { ticket, held: transaction } = held(await intake.next());
  transaction.discard();
  intake.comesAgain(ticket);
  take(commit(100), begin(200), insert(9), commit(200));
  const asked = intake.next();
  intake.keepalive(at(500));
  expect(intake.ledger.durable).toBe(10n);
  intake.disconnected();
  take(begin(100), insert(1), commit(100));
  expect(await idsOf(held(await asked).held.read())).toEqual([1]);
});

test("positions count the changes of a transaction; a table that is described differently is told without counting", async () => {
  const { intake, take } = intakeAt(10, { changes: 100, bytes: 1000 });
  const wider = {
    ...relation,
    columns: [...relation.columns, { name: "n", typeOid: 23, typeModifier: -1, key: false }],
  };
  take(relation, begin(100), insert(1), relation, wider, insert(2), commit(100));
  const { held: transaction } = held(await intake.next());
  const seen: unknown[] = [];
  for await (const change of transaction.read()) seen.push([change.kind, change.position.index]);
  expect(seen).toEqual([
    ["insert", 0],
    ["relation", 1],
    ["insert", 1],
  ]);
});
