import type { SetupName } from "../clients/catalogue.ts";
import type { ClientReport } from "../clients/task.ts";
import type { Sample } from "../run/series.ts";
import { type Spread, spread } from "./statistics.ts";

/** What is written for each client of a workload. Figures are medians; `null` where there is nothing to say. */
export interface Figures {
  readonly workload: Sample["workload"];
  readonly setup: SetupName;
  readonly client: string;
  readonly rows: number;
  /** Valid runs. */
  readonly runs: number;
  readonly cpuMicrosPerRow: number | null;
  readonly cpuMicrosPerRowMin: number | null;
  readonly cpuMicrosPerRowMax: number | null;
  readonly rowsPerSecond: number | null;
  readonly rowsPerSecondMin: number | null;
  readonly rowsPerSecondMax: number | null;
  readonly megabytesPerSecond: number | null;
  /** The greatest of all runs, in units of 2^20 bytes. */
  readonly maxRssMb: number | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  /** Why each invalid run was. */
  readonly invalid: readonly string[];
}

/** One line for each client of each workload and setup, in the order in which they first ran. */
export function figuresOf(samples: readonly Sample[]): readonly Figures[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = `${sample.workload} ${sample.setup} ${sample.rows} ${sample.client}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sample]);
    else group.push(sample);
  }
  return [...groups.values()].flatMap((group) => summarise(group));
}

function summarise(group: readonly Sample[]): Figures[] {
  const [first] = group;
  if (first === undefined) return [];
  const { workload, setup, client, rows, streamBytes } = first;
  const reports = group.flatMap(({ outcome }) => (outcome.type === "valid" ? [outcome.report] : []));
  const paced = workload === "latency"; // the writer's rate is not the client's
  const of = (value: (report: ClientReport) => number | null | undefined): Spread | undefined => {
    const values = reports.map(value).filter((each) => each !== null && each !== undefined);
    return values.length === 0 ? undefined : spread(values);
  };
  const cpu = of(({ cpuMicros }) => cpuMicros / rows);
  const rate = paced ? undefined : of(({ wallMicros }) => (rows / wallMicros) * 1e6);
  const seconds = paced ? undefined : of(({ wallMicros }) => wallMicros / 1e6);
  return [
    {
      workload,
      setup,
      client,
      rows,
      runs: reports.length,
      cpuMicrosPerRow: rounded(cpu?.median),
      cpuMicrosPerRowMin: rounded(cpu?.min),
      cpuMicrosPerRowMax: rounded(cpu?.max),
      rowsPerSecond: rounded(rate?.median, 0),
      rowsPerSecondMin: rounded(rate?.min, 0),
      rowsPerSecondMax: rounded(rate?.max, 0),
      megabytesPerSecond: rounded(seconds === undefined ? undefined : streamBytes / seconds.median / 1e6, 1),
      maxRssMb: rounded(of(({ maxRssKb }) => (maxRssKb === null ? null : maxRssKb / 1024))?.max, 1),
      latencyP50Ms: rounded(of(({ latencyMs }) => latencyMs?.p50)?.median),
      latencyP99Ms: rounded(of(({ latencyMs }) => latencyMs?.p99)?.median),
      invalid: group.flatMap(({ outcome }) => (outcome.type === "invalid" ? [outcome.why.trim()] : [])),
    },
  ];
}

function rounded(value: number | undefined, digits = 3): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits));
}
