import { randomText } from "./random.ts";

/** A column of the workload's table. */
export interface WorkloadColumn {
  readonly name: string;
  /** Its type's OID, as a Relation message has it. */
  readonly typeOid: number;
  /** Its type as CREATE TABLE wants it. */
  readonly sqlType: string;
}

/** A table and how it is filled. */
export interface Workload {
  readonly name: WorkloadName;
  readonly description: string;
  readonly table: string;
  readonly columns: readonly WorkloadColumn[];
  /** Index of the column that holds JSON; `undefined` when none does. */
  readonly jsonColumn: number | undefined;
  /** Rows of a full run. */
  readonly rows: number;
  /** Rows of a `--quick` run. */
  readonly quickRows: number;
  /** Rows in one transaction; `"all"`: there is one transaction. */
  readonly rowsPerTransaction: number | "all";
  /** The texts of one row, in the columns' order, for a stream that no server made. */
  readonly rowTexts: (index: number, random: () => number) => readonly string[];
  /** A SELECT's list that makes the same row on a server, where `i` is the row's index. */
  readonly selectList: string;
}

export const workloadNames = ["W1", "W2", "W3"] as const;

/** W1: ordinary rows in ordinary transactions. W2: one bulk load of narrow rows. W3: wide rows. */
export type WorkloadName = (typeof workloadNames)[number];

const INT4 = 23;
const INT8 = 20;
const TEXT = 25;
const TIMESTAMPTZ = 1184;
const JSONB = 3802;

const w1: Workload = {
  name: "W1",
  description: "bigint, text 40 B, timestamptz, jsonb ~94 B; transactions of 100",
  table: "bench_w1",
  columns: [
    { name: "id", typeOid: INT8, sqlType: "bigint" },
    { name: "body", typeOid: TEXT, sqlType: "text" },
    { name: "created_at", typeOid: TIMESTAMPTZ, sqlType: "timestamptz" },
    { name: "data", typeOid: JSONB, sqlType: "jsonb" },
  ],
  jsonColumn: 3,
  rows: 1_000_000,
  quickRows: 60_000,
  rowsPerTransaction: 100,
  rowTexts: (index, random) => {
    const bits = random();
    const time = `${two(bits % 24)}:${two((bits >>> 5) % 60)}:${two((bits >>> 11) % 60)}`;
    const json = `{"ok": true, "id": ${index}, "name": "${randomText(random, 20)}", "tags": ["red", "green"], "score": 1.5}`;
    return [
      String(1_000_000 + index),
      randomText(random, 40),
      `2026-11-22 ${time}.${100_000 + (bits % 899_999)}+00`,
      json,
    ];
  },
  selectList: `1000000 + i, substr(md5(i::text) || md5((-i)::text), 1, 40),
    timestamptz '2026-11-22 00:00:00.100001+00' + i % 86400 * interval '1 second',
    jsonb_build_object('ok', true, 'id', i, 'name', substr(md5(i::text), 1, 20), 'tags', '["red", "green"]'::jsonb, 'score', 1.5)`,
};

const w2: Workload = {
  name: "W2",
  description: "int, text 10 B; one transaction",
  table: "bench_w2",
  columns: [
    { name: "id", typeOid: INT4, sqlType: "int" },
    { name: "body", typeOid: TEXT, sqlType: "text" },
  ],
  jsonColumn: undefined,
  rows: 1_000_000,
  quickRows: 120_000,
  rowsPerTransaction: "all",
  rowTexts: (index, random) => [String(index), randomText(random, 10)],
  selectList: "i, substr(md5(i::text), 1, 10)",
};

const w3: Workload = {
  name: "W3",
  description: "bigint, text 2 KB; transactions of 100",
  table: "bench_w3",
  columns: [
    { name: "id", typeOid: INT8, sqlType: "bigint" },
    { name: "body", typeOid: TEXT, sqlType: "text" },
  ],
  jsonColumn: undefined,
  rows: 100_000,
  quickRows: 12_000,
  rowsPerTransaction: 100,
  rowTexts: (index, random) => [String(1_000_000 + index), randomText(random, 50).repeat(40)],
  selectList: "1000000 + i, repeat(substr(md5(i::text) || md5((-i)::text), 1, 50), 40)",
};

export const workloads: Readonly<Record<WorkloadName, Workload>> = { W1: w1, W2: w2, W3: w3 };

/** How many transactions `rows` rows of the workload come in. */
export function transactionsOf({ rowsPerTransaction }: Workload, rows: number): number {
  return rowsPerTransaction === "all" ? 1 : Math.ceil(rows / rowsPerTransaction);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
