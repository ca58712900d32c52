import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChangeDecoder, decodeXLogData, frameSize } from "@trunkline/protocol";
import { afterAll, expect, test } from "vitest";
import { workloadNames, workloads } from "../workloads/workload.ts";
import { replayStream, writeStream } from "./replay-stream.ts";

const directory = mkdtempSync(join(tmpdir(), "trunkline-bench-test-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** The decoded messages of a stream's frames. */
function decode(bytes: Buffer) {
  const decoder = createChangeDecoder();
  const messages = [];
  for (let at = 0; at < bytes.length; ) {
    const size = frameSize(bytes, at) ?? Number.NaN;
    messages.push(decoder.decode(decodeXLogData(bytes.subarray(at + 5, at + size)).data));
    at += size;
  }
  return messages;
}

test.each(workloadNames)("%s is a stream of transactions that our decoder reads", (name) => {
  const stream = writeStream(join(directory, name), workloads[name], 250, 7);
  const bytes = readFileSync(stream.file);
  const messages = decode(bytes);
  const count = (kind: string) => messages.filter((message) => message.kind === kind).length;
  expect(bytes.length).toBe(stream.bytes);
  expect([count("insert"), count("relation")]).toEqual([250, 1]);
  expect([count("begin"), count("commit")]).toEqual([stream.transactions, stream.transactions]);
  expect(messages.at(-1)).toMatchObject({ kind: "commit" });
});

test("rows of W1 have the types and the sizes that its description promises", () => {
  const { file, bytes } = writeStream(join(directory, "types"), workloads.W1, 1000, 7);
  const insert = decode(readFileSync(file)).find(({ kind }) => kind === "insert");
  expect(insert).toMatchObject({ new: { id: 1_000_000n, data: { ok: true, id: 0 } } });
  expect(bytes / 1000).toBeGreaterThan(220);
  expect(bytes / 1000).toBeLessThan(245);
});

test("the same seed makes the same bytes, another seed others", () => {
  const made = (file: string, seed: number) =>
    readFileSync(writeStream(join(directory, file), workloads.W1, 50, seed).file);
  expect(made("a", 1).equals(made("b", 1))).toBe(true);
  expect(made("c", 2).equals(made("a", 1))).toBe(false);
});

test("a stream that has been made is kept", () => {
  const first = replayStream(directory, workloads.W2, 10, 1);
  expect(replayStream(directory, workloads.W2, 10, 1)).toEqual(first);
  expect(readFileSync(first.file).length).toBe(first.bytes);
});
