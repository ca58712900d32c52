import type { WorkloadName } from "../workloads/workload.ts";

/** Where the stream comes from: made and played once in a run, played {@link LONG_REPEAT} times, a real server. */
export const setupNames = ["replay", "long", "real"] as const;
export type SetupName = (typeof setupNames)[number];

/** How often a `long` run plays its stream, without a gap: warming up the engine counts a fifth of what it does else. */
export const LONG_REPEAT = 5;

/** What is measured: a whole stream as fast as it goes, or single transactions at a steady rate. */
export const measureNames = ["throughput", "latency"] as const;
export type MeasureName = (typeof measureNames)[number];

/** A client of the bench: a program of its own in this folder. */
export interface BenchClient {
  readonly name: string;
  /** The program's file, without its ending. */
  readonly program: string;
  readonly description: string;
  /** Where it takes part; who takes part in a replay does in a `long` one too, unless it is a detail. */
  readonly setups: readonly SetupName[];
  readonly workloads: readonly WorkloadName[];
  /** Whether the stream comes over TLS. */
  readonly tls: boolean;
  /** Whether it takes part where latency is measured. */
  readonly latency: boolean;
  /** Whether it sees only what is written while it listens: a real server then writes after it is ready. */
  readonly temporarySlot: boolean;
  /** Left out of `--quick` unless it is asked for. */
  readonly detail: boolean;
}

const everywhere = {
  setups: ["replay", "real"],
  workloads: ["W1", "W2", "W3"],
  tls: false,
  latency: false,
  temporarySlot: false,
  detail: false,
} as const satisfies Partial<BenchClient>;

/** For what JSON costs, which a slower source would hide. */
const withJson = { ...everywhere, setups: ["replay"], workloads: ["W1"] } as const satisfies Partial<BenchClient>;

/** Every client, in the order in which a round runs them. */
export const catalogue: readonly BenchClient[] = [
  {
    ...everywhere,
    name: "bare",
    program: "bare",
    latency: true,
    description: "yardstick: a bare socket, own slab, a slice and a call per message, eager",
  },
  {
    ...everywhere,
    name: "bare-waiting",
    program: "bare-waiting",
    setups: ["real"],
    description: "yardstick: the same, waits 1 ms after each read",
  },
  { ...everywhere, name: "bare-tls", program: "bare-tls", tls: true, description: "yardstick: the same over TLS" },
  {
    ...everywhere,
    name: "bare-strings",
    program: "bare-strings",
    description: "yardstick: bare, every column made a string",
  },
  {
    ...withJson,
    name: "bare-json",
    program: "bare-json",
    description: "yardstick: bare, every column made a string, jsonb parsed",
  },
  {
    ...everywhere,
    name: "ours-raw",
    program: "ours-raw",
    latency: true,
    description: "ReplicationConnection, raw: a callback per message",
  },
  {
    ...everywhere,
    name: "ours-raw-eager",
    program: "ours-raw-eager",
    setups: ["real"],
    latency: true,
    description: "the same, coalesceMs 0",
  },
  { ...everywhere, name: "ours-raw-tls", program: "ours-raw", tls: true, description: "the same over TLS" },
  {
    ...everywhere,
    name: "ours-decoded",
    program: "ours-decoded",
    description: "ReplicationConnection, decoded, default types, JSON of up to 32 rows parsed at once",
  },
  {
    ...withJson,
    name: "ours-decoded-each",
    program: "ours-decoded-each",
    detail: true,
    description: "the same, JSON parsed row by row",
  },
  {
    ...withJson,
    name: "ours-decoded-json-text",
    program: "ours-decoded-json-text",
    description: "ReplicationConnection, decoded, jsonb left as text",
  },
  {
    ...everywhere,
    name: "ours-subscription",
    program: "ours-subscription",
    setups: ["real"],
    description: "the subscription, defaults: an asynchronous handler for each transaction",
  },
  {
    ...everywhere,
    name: "ours-raw-inspected",
    program: "ours-raw-inspected",
    detail: true,
    description: "ours-raw, an inspector attached, no page open",
  },
  {
    ...everywhere,
    name: "ours-raw-watched",
    program: "ours-raw-watched",
    detail: true,
    description: "ours-raw, an inspector attached and a page open",
  },
  {
    ...everywhere,
    name: "ours-subscription-inspected",
    program: "ours-subscription-inspected",
    setups: ["real"],
    detail: true,
    description: "ours-subscription, an inspector attached, no page open",
  },
  {
    ...everywhere,
    name: "ours-subscription-watched",
    program: "ours-subscription-watched",
    setups: ["real"],
    detail: true,
    description: "ours-subscription, an inspector attached and a page open",
  },
  {
    ...everywhere,
    name: "ours-transport",
    detail: true,
    program: "transport-raw",
    latency: true,
    description: "our transport alone, raw: no machine, no mailbox",
  },
  {
    ...everywhere,
    name: "ours-transport-tls",
    detail: true,
    program: "transport-raw",
    setups: ["replay"],
    tls: true,
    description: "the same over TLS",
  },
  {
    ...everywhere,
    name: "pgwire",
    program: "pgwire",
    latency: true,
    description: "pgwire 0.8.1, decoded, types parsed, one acknowledgement a batch",
  },
  {
    ...everywhere,
    name: "pg-logical-replication",
    program: "pg-logical-replication",
    latency: true,
    description: "pg-logical-replication 2.5.0, decoded, types parsed, acknowledges on keepalives",
  },
  {
    ...withJson,
    name: "pg-logical-replication-json-text",
    program: "pg-logical-replication-json-text",
    description: "the same, jsonb left as text",
  },
  {
    ...everywhere,
    name: "pg-logical-replication-defaults",
    detail: true,
    program: "pg-logical-replication-defaults",
    description: "pg-logical-replication 2.5.0 as it comes: acknowledges each message",
  },
  {
    ...everywhere,
    name: "postgres",
    program: "postgres",
    temporarySlot: true,
    description: "postgres 3.4.9 subscribe, decoded, types parsed",
  },
  {
    ...withJson,
    name: "postgres-json-text",
    program: "postgres-json-text",
    temporarySlot: true,
    description: "the same, jsonb left as text",
  },
  {
    ...everywhere,
    name: "pg_recvlogical",
    program: "pg-recvlogical",
    description: "pg_recvlogical (C, libpq), raw, one write(2) to /dev/null a message",
  },
];

/** Whether the client takes part in a setup. `pg_recvlogical` ends where a stream's last Commit ends, and can't play it again. */
export function takesPart({ setups, detail, program }: BenchClient, setup: SetupName): boolean {
  if (setup !== "long") return setups.includes(setup);
  return setups.includes("replay") && !detail && program !== "pg-recvlogical";
}
