import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../workloads/random.ts";
import { transactionsOf, type Workload } from "../workloads/workload.ts";
import { StreamWriter } from "./stream-writer.ts";

/** A stream in a file: CopyData frames, one after the other. */
export interface ReplayStream {
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly transactions: number;
  /** The end of the last Commit, the text form. */
  readonly endLsn: string;
}

/** Goes into the name of the file: raise it when {@link StreamWriter} writes other bytes. */
const FORMAT = 1;

/**
 * The workload's stream in `directory`, made there unless it is there from before. The same seed makes the same bytes.
 */
export function replayStream(directory: string, workload: Workload, rows: number, seed: number): ReplayStream {
  const file = join(directory, `${workload.name}-${rows}-${seed}-v${FORMAT}.stream`);
  const notes = `${file}.json`;
  if (!existsSync(notes)) {
    mkdirSync(directory, { recursive: true });
    const made = writeStream(`${file}.${process.pid}`, workload, rows, seed);
    renameSync(`${file}.${process.pid}`, file);
    writeFileSync(notes, JSON.stringify({ ...made, file }));
  }
  return JSON.parse(readFileSync(notes, "utf8")) as ReplayStream;
}

/** Makes the stream and writes it to `file`. */
export function writeStream(file: string, workload: Workload, rows: number, seed: number): ReplayStream {
  const random = seededRandom(seed);
  const transactions = transactionsOf(workload, rows);
  const inEach = workload.rowsPerTransaction === "all" ? rows : workload.rowsPerTransaction;
  const writer = new StreamWriter(workload);
  const descriptor = openSync(file, "w");
  let bytes = 0;
  for (let transaction = 0; transaction < transactions; transaction += 1) {
    const from = transaction * inEach;
    writer.transaction(rowsBetween(workload, from, Math.min(rows, from + inEach), random));
    bytes += writeSync(descriptor, writer.take());
  }
  closeSync(descriptor);
  const endLsn = `${(writer.lsn >> 32n).toString(16)}/${(writer.lsn & 0xffff_ffffn).toString(16)}`.toUpperCase();
  return { file, bytes, rows, transactions, endLsn };
}

function* rowsBetween(
  workload: Workload,
  from: number,
  to: number,
  random: () => number,
): Generator<readonly string[], void> {
  for (let index = from; index < to; index += 1) yield workload.rowTexts(index, random);
}
