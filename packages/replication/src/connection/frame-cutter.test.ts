import { encodeFrame, ProtocolError } from "@trunkline/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { countFrames, FrameCutter } from "./frame-cutter.ts";
import { Slab } from "./slab.ts";

const text = (...words: string[]): Buffer => Buffer.concat(words.map((word) => encodeFrame("d", Buffer.from(word))));

/**
 * A cutter whose frames are noted down in `seen`; data is noted as its text, other frames with their type. Its clock
 * stands still, unless a test says that `time` passes.
 */
function cutter(slabBytes = 1 << 16) {
  const slab = new Slab(slabBytes);
  const seen: string[] = [];
  const time = { ms: 0 };
  const turned = { times: 0 };
  let onData = (_word: string): void => {};
  const handlers = {
    message: (type: number, body: Buffer) => seen.push(`${String.fromCharCode(type)}:${body}`),
    broken: (error: unknown) => seen.push(error instanceof ProtocolError ? `broken ${error.code}` : `broken ${error}`),
    drained: () => {},
    turned: () => {
      turned.times += 1;
    },
  };
  const it = new FrameCutter(slab, handlers, () => time.ms);
  const stream = {
    data: (payload: Buffer) => {
      seen.push(payload.toString());
      onData(payload.toString());
    },
    turn: () => seen.push("turn"),
  };
  return {
    slab,
    seen,
    time,
    turned,
    it,
    stream,
    onData: (handler: (word: string) => void) => {
      onData = handler;
    },
    feed: (bytes: Uint8Array) => {
      slab.append(bytes);
      it.run();
    },
  };
}

const unexpected = (): void => {
  throw new Error("A view was made that nobody wanted.");
};

const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const takers = ["views", "ranges"] as const;

test.each(takers)("every split of a stream gives the same frames, as %s", (taken) => {
  const frames = fc.array(
    fc.record({ type: fc.constantFrom("d", "N", "S"), body: fc.uint8Array({ maxLength: 300 }) }),
    { minLength: 1, maxLength: 30 },
  );
  const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(frames, cuts, fc.constantFrom(64, 256, 4096), (list, sizes, slabBytes) => {
      const stream = Buffer.concat(list.map(({ type, body }) => encodeFrame(type, body)));
      const views: { type: string; body: Buffer }[] = [];
      const slab = new Slab(slabBytes);
      const handlers = {
        message: (type: number, body: Buffer) => views.push({ type: String.fromCharCode(type), body }),
        broken: (error: unknown) => {
          throw error;
        },
        drained: () => {},
        turned: () => {},
      };
      const it = new FrameCutter(slab, handlers, () => 0);
      const take = (body: Buffer): void => void views.push({ type: "d", body });
      const bytes = (memory: Buffer, from: number, to: number): void => take(memory.subarray(from, to));
      it.startData(taken === "views" ? { data: take } : { data: unexpected, bytes }, Number.POSITIVE_INFINITY);
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        slab.append(stream.subarray(at, at + size));
        it.run();
        at += size;
      }
      // Compared at the end, so that a view that was overwritten later is seen.
      expect(views.map(({ type, body }) => ({ type, body: [...body] }))).toEqual(
        list.map(({ type, body }) => ({ type, body: [...body] })),
      );
    }),
    { numRuns: 200 },
  );
});

test("R99: complete messages are handed over at once when the bytes end inside the next one", () => {
  const { it, stream, seen, feed } = cutter();
  it.startData(stream, 500);
  const bytes = text("one", "two", "three");
  feed(bytes.subarray(0, 8 + 8 + 6));
  expect(seen).toEqual(["one", "two", "turn"]);
  feed(bytes.subarray(8 + 8 + 6));
  expect(seen).toEqual(["one", "two", "turn", "three", "turn"]);
});

test("R97: after maxMessages those who wait have their turn, and then the next message comes at once", () => {
  const { it, stream, seen, feed } = cutter();
  it.startData(stream, 2);
  feed(text("1", "2", "3", "4", "5"));
  expect(seen).toEqual(["1", "2", "turn", "3", "4", "turn", "5", "turn"]);
});

test("R98: where a batch ends after 4 ms the event loop has its turn before the next message", async () => {
  const { it, stream, seen, time, feed, onData } = cutter();
  it.startData(stream, 2);
  onData(() => {
    time.ms += 1;
  });
  feed(text("1", "2", "3", "4", "5"));
  expect(seen).toEqual(["1", "2", "turn", "3", "4", "turn"]);
  expect(it.yielded).toBe(true);
  setImmediate(() => seen.push("other"));
  await eventLoopTurn();
  expect(seen).toEqual(["1", "2", "turn", "3", "4", "turn", "5", "turn", "other"]);
  expect(it.yielded).toBe(false);
});

test("what the loop spent on others is no reason to give way again", () => {
  const { it, stream, seen, time, feed } = cutter();
  it.startData(stream, 2);
  feed(text("1"));
  time.ms += 60_000;
  it.turnBegins();
  feed(text("2", "3", "4"));
  it.giveWay(1);
  expect(it.yielded).toBe(false);
  expect(seen).toEqual(["1", "turn", "2", "3", "turn", "4", "turn"]);
});

test("asked between two reads, it gives way as soon as it is told to, and counts from that turn", async () => {
  const { it, slab, stream, seen, time, feed } = cutter();
  it.startData(stream, 500);
  feed(text("1"));
  time.ms += 1;
  it.giveWay(1);
  it.giveWay(1);
  slab.append(text("2"));
  it.run();
  expect(seen).toEqual(["1", "turn"]);
  await eventLoopTurn();
  expect(seen).toEqual(["1", "turn", "2", "turn"]);
  it.giveWay(1);
  expect(it.yielded).toBe(false);
});

test("where it gives way while a handler holds, the wire is told all the same, and reads on", async () => {
  const { it, stream, seen, time, turned, feed, onData } = cutter();
  it.startData(stream, 1);
  onData(() => {
    time.ms += 4;
    it.hold();
  });
  feed(text("1", "2"));
  expect(it.yielded).toBe(true);
  expect(turned.times).toBe(0);
  await eventLoopTurn();
  expect(it.yielded).toBe(false);
  expect(turned.times).toBe(1);
  expect(seen).toEqual(["1", "turn"]);
});

test("closed, it gives way no more, and nothing keeps the process alive", async () => {
  const { it, time, feed, stream, seen } = cutter();
  it.startData(stream, 500);
  time.ms += 5;
  it.giveWay(1);
  it.close();
  it.giveWay(1);
  expect(process.getActiveResourcesInfo()).not.toContain("Immediate");
  feed(text("1"));
  await eventLoopTurn();
  expect(seen).toEqual([]);
});

test("a handler that holds at each message still leaves the event loop its turns", async () => {
  const { it, stream, seen, time, feed, onData } = cutter();
  it.startData(stream, 2);
  onData(() => {
    time.ms += 2;
    it.hold();
    queueMicrotask(() => it.release());
  });
  feed(text("1", "2", "3"));
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(seen).toEqual(["1", "2", "turn"]);
  for (let turns = 0; turns < 4; turns += 1) await eventLoopTurn();
  expect(seen).toEqual(["1", "2", "turn", "3", "turn"]);
});

test("a turn that ends the stream or holds stops the next batch", () => {
  const { it, stream, seen, feed } = cutter();
  it.startData({ ...stream, turn: () => it.hold() }, 2);
  feed(text("1", "2", "3"));
  expect(seen).toEqual(["1", "2"]);
  it.startData({ ...stream, turn: () => it.endData() }, 1);
  it.release();
  expect(seen).toEqual(["1", "2", "3"]);
  feed(text("4"));
  expect(seen).toEqual(["1", "2", "3", "d:4"]);
});

test("a hold works at any message, and release goes on behind it", () => {
  const { it, stream, seen, feed, onData, slab } = cutter();
  it.startData(stream, 500);
  onData((word) => {
    if (word === "2") it.hold();
  });
  feed(Buffer.concat([text("1", "2", "3"), encodeFrame("Z", Buffer.from("I"))]));
  expect(seen).toEqual(["1", "2"]);
  expect(countFrames(slab, 10)).toBe(2);
  feed(text("4"));
  expect(seen).toEqual(["1", "2"]);
  it.release();
  expect(seen).toEqual(["1", "2", "3", "Z:I", "4", "turn"]);
});

test("a release within the handler that holds is no recursion", () => {
  const { it, stream, seen, feed, onData } = cutter();
  it.startData(stream, 500);
  onData(() => {
    it.hold();
    it.release();
  });
  feed(text("1", "2", "3"));
  expect(seen).toEqual(["1", "2", "3", "turn"]);
});

test("after close nothing is handed over, also when it was called in mid-batch", async () => {
  const { it, stream, seen, feed, onData } = cutter();
  it.startData(stream, 1);
  onData(() => it.close());
  feed(text("1", "2"));
  it.release();
  await eventLoopTurn();
  expect(seen).toEqual(["1"]);
});

test("CopyData is a message like others before startData and after endData", () => {
  const { it, stream, seen, feed } = cutter();
  feed(text("a"));
  it.startData(stream, 500);
  feed(text("b"));
  it.endData();
  feed(text("c"));
  expect(seen).toEqual(["d:a", "b", "turn", "d:c"]);
});

test.each([0, 3, 0x4000_0001, 0xffff_ffff])(
  "a length of %i breaks the connection, after what came before",
  (length) => {
    const { it, stream, seen, feed } = cutter();
    it.startData(stream, 500);
    const bad = Buffer.from([0x64, 0, 0, 0, 0]);
    bad.writeUInt32BE(length, 1);
    feed(Buffer.concat([text("ok"), bad]));
    expect(seen).toEqual(["ok", "broken frame_length_invalid"]);
  },
);

test("a handler that throws breaks the connection", () => {
  const { it, stream, seen, feed, onData } = cutter();
  it.startData(stream, 500);
  onData(() => {
    throw new RangeError("mine");
  });
  feed(text("1"));
  expect(seen).toEqual(["1", "broken RangeError: mine"]);
});
