import { decodeStandbyStatusUpdate, encodeStandbyStatusUpdate, lsn } from "@trunkline/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Progress } from "./progress.ts";

const status = (flushed: bigint, written = flushed, applied = flushed): Buffer =>
  encodeStandbyStatusUpdate({
    written: lsn(written),
    flushed: lsn(flushed),
    applied: lsn(applied),
    clock: 0n,
    replyRequested: false,
  });

test("nothing is sent of our own accord before a callback has confirmed something", () => {
  const progress = new Progress();
  progress.saw(lsn(500n));
  expect(progress.update(0n)).toBeUndefined();
});

test("W27: an update repeats what is confirmed, and says that all was received", () => {
  const progress = new Progress();
  progress.saw(lsn(500n));
  progress.returned(status(300n, 310n, 290n));
  expect(decodeStandbyStatusUpdate(progress.update(7n) ?? Buffer.alloc(0))).toEqual({
    type: "standbyStatusUpdate",
    written: 500n,
    flushed: 300n,
    applied: 290n,
    clock: 7n,
    replyRequested: false,
  });
});

test("W31: positions that go backwards change nothing", () => {
  const progress = new Progress();
  progress.returned(status(300n));
  progress.returned(status(200n));
  progress.saw(lsn(500n));
  progress.saw(lsn(400n));
  const update = decodeStandbyStatusUpdate(progress.update(0n) ?? Buffer.alloc(0));
  expect(update).toMatchObject({ written: 500n, flushed: 300n });
});

test("what is not a status update confirms nothing", () => {
  const progress = new Progress();
  progress.returned(Buffer.from("hello"));
  progress.returned(status(300n).subarray(0, 20));
  expect(progress.confirmed).toBeUndefined();
});

test("a question before the first confirmation confirms 0/0, and asks", () => {
  expect(decodeStandbyStatusUpdate(new Progress().question(0n))).toMatchObject({ flushed: 0n, replyRequested: true });
});

test("whatever is received and returned, no update is ever ahead of the greatest flushed position returned", () => {
  const position = fc.bigInt({ min: 0n, max: 1000n });
  const step = fc.oneof(
    fc.record({ type: fc.constant("saw" as const), position }),
    fc.record({ type: fc.constant("returned" as const), position }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const progress = new Progress();
      let greatest: bigint | undefined;
      for (const { type, position } of steps) {
        if (type === "saw") progress.saw(lsn(position));
        else {
          progress.returned(status(position));
          greatest = greatest === undefined || position > greatest ? position : greatest;
        }
        const update = progress.update(0n);
        expect(update === undefined ? undefined : decodeStandbyStatusUpdate(update).flushed).toBe(greatest);
        expect(decodeStandbyStatusUpdate(progress.question(0n)).flushed).toBe(greatest ?? 0n);
      }
    }),
    { numRuns: 200 },
  );
});
