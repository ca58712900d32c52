import { workloadNames } from "../workloads/workload.ts";
import type { FindFigures, Goal } from "./goals.ts";

type Place = readonly [Parameters<FindFigures>[0], Parameters<FindFigures>[1]];
type Count = "cpuMicrosPerRow" | "rowsPerSecond";

/** How many times `below`'s figure goes into `above`'s. */
function ratio([workload, setup]: Place, above: string, below: string, count: Count = "cpuMicrosPerRow") {
  return (find: FindFigures): number | undefined => {
    const [top, bottom] = [find(workload, setup, above)?.[count], find(workload, setup, below)?.[count]];
    return top === undefined || top === null || bottom === undefined || bottom === null ? undefined : top / bottom;
  };
}

/** How many milliseconds later than the bare eager reader's. */
function laterThanBare(client: string, which: "latencyP50Ms" | "latencyP99Ms") {
  return (find: FindFigures): number | undefined => {
    const [own, bare] = [find("latency", "real", client)?.[which], find("latency", "real", "bare")?.[which]];
    return own === undefined || own === null || bare === undefined || bare === null ? undefined : own - bare;
  };
}

const rawAgainstBare = (place: Place): readonly Goal[] => [
  {
    name: `${place.join(" ")}: CPU of ours raw / bare socket`,
    sense: "atMost",
    limit: 1.5,
    measure: ratio(place, "ours-raw", "bare"),
  },
  {
    name: `${place.join(" ")}: CPU of ours raw over TLS / bare socket over TLS`,
    sense: "atMost",
    limit: 1.5,
    measure: ratio(place, "ours-raw-tls", "bare-tls"),
  },
];

/** The place, the client, the least that its CPU must be of ours, and which of ours. */
const decodedAgainst = (place: Place, peer: string, limit: number, ours = "ours-decoded"): Goal => ({
  name: `${place.join(" ")}: CPU of ${peer} / ${ours}`,
  sense: "atLeast",
  limit,
  measure: ratio(place, peer, ours),
});

const decoded = (setup: Place[1]): readonly Goal[] => [
  decodedAgainst(["W1", setup], "pg-logical-replication", 3.3),
  decodedAgainst(["W1", setup], "pgwire", 1.8),
  decodedAgainst(["W1", setup], "postgres", 4),
  {
    name: `W1 ${setup}: CPU of ours decoded / bare socket + strings + JSON.parse`,
    sense: "atMost",
    limit: 1.4,
    measure: ratio(["W1", setup], "ours-decoded", "bare-json"),
  },
  decodedAgainst(["W1", setup], "pg-logical-replication-json-text", 5, "ours-decoded-json-text"),
  decodedAgainst(["W1", setup], "postgres-json-text", 5, "ours-decoded-json-text"),
  decodedAgainst(["W2", setup], "pgwire", 4),
  decodedAgainst(["W2", setup], "pg-logical-replication", 4),
  decodedAgainst(["W2", setup], "postgres", 4),
];

/** Each stream once in a run, with the engine's warm-up, and five times. */
const madeStreams = (["replay", "long"] as const).flatMap((setup) => [
  ...workloadNames.flatMap((workload) => rawAgainstBare([workload, setup])),
  ...decoded(setup),
]);

const realServer: readonly Goal[] = [
  {
    name: "W1 real: CPU of ours through the subscription / ours decoded",
    sense: "atMost",
    limit: 1.3,
    measure: ratio(["W1", "real"], "ours-subscription", "ours-decoded"),
  },
  {
    name: "W1 real: CPU of ours raw / pg_recvlogical",
    sense: "atMost",
    limit: 0.3,
    measure: ratio(["W1", "real"], "ours-raw", "pg_recvlogical"),
  },
  {
    name: "W1 real: rows/s of ours raw / pg_recvlogical",
    sense: "atLeast",
    limit: 1.3,
    measure: ratio(["W1", "real"], "ours-raw", "pg_recvlogical", "rowsPerSecond"),
  },
  {
    name: "latency: p50 of ours raw later than the bare eager reader's, ms",
    sense: "atMost",
    limit: 0.2,
    measure: laterThanBare("ours-raw", "latencyP50Ms"),
  },
  {
    name: "latency: p99 of ours raw later than the bare eager reader's, ms",
    sense: "atMost",
    limit: 1,
    measure: laterThanBare("ours-raw", "latencyP99Ms"),
  },
];

const memory: Goal = {
  name: "peak RSS of ours in all of it, MB",
  sense: "atMost",
  limit: 120,
  measure: (_find, figures) => {
    const ours = figures.filter(({ client }) => client.startsWith("ours-"));
    const found = ours.map(({ maxRssMb }) => maxRssMb).filter((megabytes) => megabytes !== null);
    return found.length === 0 ? undefined : Math.max(...found);
  },
};

/** What this project promises of its speed, as ratios within one call of the bench. */
export const projectGoals: readonly Goal[] = [...madeStreams, ...realServer, memory];
