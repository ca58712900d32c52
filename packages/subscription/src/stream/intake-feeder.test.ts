import { createChangeDecoder, lsn } from "@trunkline/protocol";
import { expect, test } from "vitest";
import type { AnyChange } from "./change.ts";
import { Intake } from "./intake.ts";
import { IntakeFeeder } from "./intake-feeder.ts";

const HEADER = 25;
const JSONB = 3802;
const TEXT = 25;

const uint16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const uint32 = (value: number) => Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
const uint64 = (value: number) => Buffer.concat([uint32(0), uint32(value)]);
const wal = (...parts: readonly Buffer[]) => {
  const header = Buffer.alloc(HEADER);
  header[0] = 0x77;
  return Buffer.concat([header, ...parts]);
};
const begin = (commit: number) => wal(Buffer.from("B"), uint64(commit), uint64(0), uint32(1));
const commit = (at: number) => wal(Buffer.from("C\0"), uint64(at), uint64(at + 8), uint64(0));
const relation = (type: number) =>
  wal(
    ...[Buffer.from("R"), uint32(1), Buffer.from("public\0things\0d"), uint16(1)],
    ...[Buffer.from([0]), Buffer.from("data\0"), uint32(type), uint32(0xffff_ffff)],
  );
const insert = (text: string) =>
  wal(
    Buffer.from("I"),
    uint32(1),
    Buffer.from("N"),
    uint16(1),
    Buffer.from("t"),
    uint32(text.length),
    Buffer.from(text),
  );
const insertNull = () => wal(Buffer.from("I"), uint32(1), Buffer.from("N"), uint16(1), Buffer.from("n"));
const message = (transactional: boolean, at: number) =>
  wal(
    Buffer.from("M"),
    Buffer.from([transactional ? 1 : 0]),
    uint64(at),
    Buffer.from("p\0"),
    uint32(1),
    Buffer.from("m"),
  );

function feederOf(limits = { changes: 1000, bytes: 1_000_000 }) {
  const intake = new Intake(lsn(0n), limits, { room: () => {}, durable: () => {} });
  const feeder = new IntakeFeeder(createChangeDecoder({ deferJson: true }));
  const feed = (...all: readonly Buffer[]): void => {
    for (const data of all) feeder.feed(data, 0, data.length, intake);
  };
  return { intake, feed };
}

async function dataOf(intake: Intake): Promise<unknown[]> {
  const work = await intake.next();
  if (work?.type !== "transaction") throw new TypeError("No transaction was handed out.");
  const data: unknown[] = [];
  for await (const change of work.held.read() as AsyncIterable<AnyChange>) {
    data.push(change.kind === "insert" ? change.new["data"] : change.kind);
  }
  return data;
}

test("rows without JSON are in the intake at once", () => {
  const { intake, feed } = feederOf();
  feed(begin(100), relation(TEXT), insert("one"));
  expect(intake.buffered.changes).toBe(1);
});

test("rows with JSON are in the intake, parsed and in order, when their Commit has come", async () => {
  const { intake, feed } = feederOf();
  feed(begin(100), relation(JSONB), insert('{"n": 1}'), insert('{"n": 2}'), message(true, 90), insert("[3]"));
  expect(intake.buffered.changes).toBe(3); // the message was not made to wait, and none overtook another
  feed(commit(100));
  expect(await dataOf(intake)).toEqual([{ n: 1 }, { n: 2 }, "message", [3]]);
});

test("a message outside transactions does not wait for the rows before it", () => {
  const { intake, feed } = feederOf();
  feed(begin(100), relation(JSONB), insert("1"), message(false, 50));
  expect(intake.buffered.changes).toBe(2);
});

test("no more than 32 rows and 64 KiB wait", () => {
  const { intake, feed } = feederOf();
  feed(begin(100), relation(JSONB));
  for (let row = 1; row < 32; row += 1) feed(insert("1"));
  expect(intake.buffered.changes).toBe(0);
  feed(insert("1"));
  expect(intake.buffered.changes).toBe(32);
  feed(insert(JSON.stringify("x".repeat(70_000))));
  expect(intake.buffered.changes).toBe(33);
});

test("rows without JSON that wait for one with it are counted, too", () => {
  const { intake, feed } = feederOf();
  feed(begin(100), relation(JSONB), insert("1"));
  for (let row = 2; row < 32; row += 1) feed(insertNull());
  expect(intake.buffered.changes).toBe(0);
  feed(insertNull());
  expect(intake.buffered.changes).toBe(32);
});

test("rows do not wait beyond what the intake may hold", () => {
  const few = feederOf({ changes: 5, bytes: 1_000_000 });
  few.feed(begin(100), relation(JSONB), ...Array.from({ length: 5 }, () => insert("1")));
  expect(few.intake.buffered.changes).toBe(5);
  expect(few.intake.full).toBe(true);
  const small = feederOf({ changes: 1000, bytes: 2000 });
  small.feed(begin(100), relation(JSONB), insert("1"), insert(JSON.stringify("x".repeat(2000))));
  expect(small.intake.buffered.changes).toBe(2);
});

test("what is held counts as it was on the wire, whether it waited or not", () => {
  const { intake, feed } = feederOf();
  feed(begin(100), relation(JSONB), insert("1"), insert("22"), commit(100));
  expect(intake.buffered.bytes).toBe(insert("1").length + insert("22").length - 2 * HEADER);
});

test("JSON that can't be parsed is an error, and nothing that waited with it is handed out", () => {
  const { intake, feed } = feederOf();
  feed(begin(100), relation(JSONB), insert("1"), insert("{"));
  expect(() => feed(commit(100))).toThrow(expect.objectContaining({ code: "value_malformed" }));
  expect(intake.buffered.changes).toBe(0);
});
