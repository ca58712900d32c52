import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChangeDecoder, FRAME_HEADER_BYTES, isXLogData, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import { expect, test } from "vitest";
import { writeStream } from "../replay/replay-stream.ts";
import { StreamWriter } from "../replay/stream-writer.ts";
import { workloads } from "../workloads/workload.ts";
import { counted } from "./counted-run.ts";
import { readReplay, startLocalReplay, type Taker } from "./replayed-stream.ts";

const ROWS = 100_000;

/**
 * What 100,000 rows of W1 in 1,000 transactions may cost, through a ReplicationConnection; in the comments what they
 * cost when the budgets were written. A change that needs more says why, here.
 */
const budgets = {
  reads: 250, // 98: as much as the kernel has; kernels differ
  writes: 20, // 5: startup, query, status updates, goodbye
  promises: 400, // 107: none for a message or a batch
  machineEvents: 40, // 10: none for a message, at most one a batch
  rawBytesPerMessage: 240, // 157: the view, and what the handler returns
  rangeBytesPerMessage: 120, // 60: what the handler returns; a view would be 100 more
  decodedBytesPerMessage: 900, // 731: no view, but a change, a row, its values, and the text that three of them are parts of
  wideBytesPerRow: 900, // 476: 30 columns of small integers, a view of the frame, a change; rows that are hash tables cost 3141
} as const;

/** Reads the stream once to warm up, once to count. */
async function costs(taker: Taker) {
  const directory = mkdtempSync(join(tmpdir(), "trunkline-guard-"));
  try {
    const stream = writeStream(join(directory, "stream"), workloads.W1, ROWS, 1);
    await using replay = await startLocalReplay(stream, readFileSync(stream.file));
    await readReplay(replay, taker);
    let seen = { messages: 0, machineEvents: 0 };
    const counts = await counted(async () => {
      seen = await readReplay(replay, taker);
    });
    return { ...counts, ...seen };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("a hundred thousand raw rows cost a view each, and nothing else grows with them", {
  timeout: 60_000,
}, async () => {
  const { messages, reads, writes, promises, machineEvents, heapBytes } = await costs({ data: () => {} });
  expect(messages).toBe(ROWS + 2 * 1000 + 1 + 1); // Begin and Commit of each transaction, one Relation, one keepalive
  expect(reads).toBeLessThanOrEqual(budgets.reads);
  expect(writes).toBeLessThanOrEqual(budgets.writes);
  expect(promises).toBeLessThanOrEqual(budgets.promises);
  expect(machineEvents).toBeLessThanOrEqual(budgets.machineEvents);
  expect(heapBytes / messages).toBeLessThanOrEqual(budgets.rawBytesPerMessage);
  expect(Math.min(reads, writes, promises, machineEvents)).toBeGreaterThan(0);
});

test("a hundred thousand rows that are taken as ranges cost no view", { timeout: 60_000 }, async () => {
  const { messages, promises, machineEvents, heapBytes } = await costs({ bytes: () => {} });
  expect(promises).toBeLessThanOrEqual(budgets.promises);
  expect(machineEvents).toBeLessThanOrEqual(budgets.machineEvents);
  expect(heapBytes / messages).toBeLessThanOrEqual(budgets.rangeBytesPerMessage);
});

test("a hundred thousand decoded rows cost no promise, and no more memory than their values need", {
  timeout: 60_000,
}, async () => {
  const decoder = createChangeDecoder();
  const { messages, promises, heapBytes } = await costs({
    bytes: (slab, from, to) => {
      if (isXLogData(slab, from, to)) decoder.decode(slab, from + X_LOG_DATA_HEADER_BYTES, to);
    },
  });
  expect(promises).toBeLessThanOrEqual(budgets.promises);
  expect(heapBytes / messages).toBeLessThanOrEqual(budgets.decodedBytesPerMessage);
});

test("wide rows have a shape: a row that is a hash table costs several times as much", async () => {
  const columns = Array.from({ length: 30 }, (_, index) => ({ name: `c${index}`, typeOid: 23, sqlType: "int" }));
  const writer = new StreamWriter({ ...workloads.W2, columns });
  writer.transaction(Array.from({ length: 10_000 }, (_, row) => columns.map((_column, index) => String(row + index))));
  const frames = writer.take();
  const decoder = createChangeDecoder();
  let rows = 0;
  const { heapBytes } = await counted(async () => {
    for (let at = 0; at < frames.length; at += 1 + frames.readUInt32BE(at + 1)) {
      const frame = frames.subarray(at + FRAME_HEADER_BYTES, at + 1 + frames.readUInt32BE(at + 1));
      if (decoder.decode(frame, X_LOG_DATA_HEADER_BYTES).kind === "insert") rows += 1;
    }
  });
  expect(rows).toBe(10_000);
  expect(heapBytes / rows).toBeLessThanOrEqual(budgets.wideBytesPerRow);
});

test("the counters see promises and memory that is freed again", async () => {
  const { promises, heapBytes } = await counted(async () => {
    for (let round = 0; round < 1000; round += 1) await Promise.resolve(new Array(1000).fill(round));
  });
  expect(promises).toBeGreaterThan(1000);
  expect(heapBytes).toBeGreaterThan(3_000_000);
});
