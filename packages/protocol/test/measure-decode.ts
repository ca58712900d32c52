// Prints what decoding a row costs, in nanoseconds of CPU, next to floors: run it with
//   node_modules/.bin/tsx --conditions=@trunkline/source packages/protocol/test/measure-decode.ts
// Judge the ratios within one run; the absolute figures are the machine's.
import { createChangeDecoder, defaultTypes, jsonText, overrideTypes } from "../src/index.ts";
import { insertMessage, relationMessage } from "./synthetic-messages.ts";

const MESSAGES = 20_000;
const ROUNDS = 31;
const TABLES = 20;

interface Workload {
  readonly name: string;
  /** A table of this shape; the names of columns begin with the id, so that no two tables' rows look alike. */
  readonly tableRelation: (id: number) => Buffer;
  readonly inserts: readonly Buffer[];
  /** The index of the column that holds JSON, or -1. */
  readonly json: number;
}

/** bigint, text of 40 bytes, timestamptz, jsonb of about 94 bytes. */
function w1(): Workload {
  const inserts = Array.from({ length: MESSAGES }, (_, index) =>
    insertMessage(1, [
      String(7_000_000_000 + index),
      `row ${index} `.padEnd(40, "abcdefghij"),
      `2026-11-22 10:${String(index % 60).padStart(2, "0")}:12.${String(100_000 + index)}+00`,
      JSON.stringify({ id: index, name: "someone somewhere", tags: ["red", "green"], ok: true, score: 1.5, x: "y" }),
    ]),
  );
  const tableRelation = tableOf([
    ["id", 20],
    ["body", 25],
    ["created_at", 1184],
    ["data", 3802],
  ]);
  return { name: "W1", tableRelation, inserts, json: 3 };
}

/** int, text of 10 bytes. */
function w2(): Workload {
  const inserts = Array.from({ length: MESSAGES }, (_, index) =>
    insertMessage(1, [String(index), `text${index}`.padEnd(10, "x")]),
  );
  const tableRelation = tableOf([
    ["id", 23],
    ["body", 25],
  ]);
  return { name: "W2", tableRelation, inserts, json: -1 };
}

function tableOf(columns: readonly (readonly [name: string, typeOid: number])[]): (id: number) => Buffer {
  return (id) =>
    relationMessage(
      id,
      columns.map(([name, typeOid]) => [`t${id}_${name}`, typeOid]),
    );
}

type Decode = (message: Buffer) => unknown;

/** Every column made a string; with `parse`, the JSON column parsed as well. No object, no types. */
function floor(workload: Workload, parse: boolean): Decode {
  return (bytes) => {
    const count = bytes.readUInt16BE(6);
    let at = 8;
    let last: unknown;
    for (let index = 0; index < count; index++) {
      const from = at + 5;
      at = from + bytes.readInt32BE(at + 1);
      const text = bytes.toString("utf8", from, at);
      last = parse && index === workload.json ? JSON.parse(text) : text;
    }
    return last;
  };
}

function ours(workload: Workload, types = defaultTypes): Decode {
  const decoder = createChangeDecoder({ types });
  decoder.decode(workload.tableRelation(1));
  return (bytes) => {
    bytes.writeUInt32BE(1, 1);
    return decoder.decode(bytes);
  };
}

/** The same rows, each from the next of many tables. */
function oursOfTables(workload: Workload): Decode {
  const decoder = createChangeDecoder();
  for (let id = 1; id <= TABLES; id++) decoder.decode(workload.tableRelation(id));
  let next = 0;
  return (bytes) => {
    next = (next % TABLES) + 1;
    bytes.writeUInt32BE(next, 1);
    return decoder.decode(bytes);
  };
}

function nanosPerRow(decode: Decode, inserts: readonly Buffer[]): number {
  const before = process.cpuUsage();
  for (const insert of inserts) kept = decode(insert);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / inserts.length;
}

let kept: unknown; // keeps results alive, so that nothing is optimised away

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

for (const workload of [w1(), w2()]) {
  const contestants: Readonly<Record<string, Decode>> = {
    "strings + JSON.parse (floor)": floor(workload, true),
    "strings (floor)": floor(workload, false),
    "ours, default types": ours(workload),
    "ours, jsonText": ours(workload, overrideTypes(defaultTypes, jsonText)),
    [`ours, ${TABLES} tables in turn`]: oursOfTables(workload),
  };
  const rounds = new Map(Object.keys(contestants).map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, decode] of Object.entries(contestants)) {
      rounds.get(name)?.push(nanosPerRow(decode, workload.inserts));
    }
  }
  const base = median(rounds.get("strings + JSON.parse (floor)") ?? []);
  for (const [name, values] of rounds) {
    const nanos = median(values);
    console.log(
      `${workload.name}  ${name.padEnd(30)} ${nanos.toFixed(0).padStart(6)} ns/row  ${(nanos / base).toFixed(2)} ×`,
    );
  }
}
if (kept === undefined) throw new Error("nothing was decoded");
