import type { ConnectionDescription } from "@trunkline/replication";
import type { ConnectionFacts, ExplainFacts, HandlerFacts } from "../explain/facts.ts";
import type { HealthChild } from "../health/health-child.ts";
import type { Looked } from "../health/health-watch.ts";
import type { SubscriptionConfig } from "../options.ts";
import type { HandlerWatch } from "./handler-watch.ts";
import type { Intake } from "./intake.ts";

/** Acknowledgements that nothing hurries are due within so long, in milliseconds. */
const acknowledgeMs = 1000;

/** Everything that facts are made of. */
export interface FactSources {
  readonly nowMs: number;
  readonly id: string;
  readonly config: SubscriptionConfig;
  readonly described: Pick<ConnectionDescription, "servers" | "user">;
  readonly connection: ConnectionFacts;
  readonly suspendedMs: number | undefined;
  readonly pausedMs: number | undefined;
  readonly intake: Intake | undefined;
  readonly watch: HandlerWatch;
  readonly health: Pick<HealthChild, "watch" | "intervalMs" | "nextMs"> | undefined;
  /** What the last session found of the slot. */
  readonly looked: Looked | undefined;
}

/** What is known at this moment, put together for `explain`; costs nothing while nobody asks. */
export function gatherFacts(sources: FactSources): ExplainFacts {
  const { nowMs, id, config, described, connection, suspendedMs, pausedMs, intake, health } = sources;
  const watch = health?.watch;
  const ledger = intake?.ledger;
  const looked = lookedAt(sources);
  return {
    nowMs,
    id,
    slot: config.source.slot,
    host: described.servers,
    user: described.user,
    verdict: looked?.verdict,
    verdictMs: looked?.atMs ?? nowMs,
    connection,
    suspendedMs,
    pausedMs,
    handler: handlerFacts(sources),
    openTransaction: undefined, // transactions come whole, at their commit
    backpressure: intake?.full ?? false,
    received: ledger?.received,
    dispatched: ledger?.dispatched,
    durable: ledger?.durable,
    acked: ledger?.acked,
    nextAckMs: nowMs + acknowledgeMs,
    lastChangeMs: sources.watch.lastChangeMs,
    trend: watch?.flow.trend ?? "keeping pace",
    budget: watch?.health.budget ?? { type: "unknown" },
    maxSlotWalKeepBytes: watch?.maxSlotWalKeepBytes,
    sampled: watch?.sampled,
    sampler:
      health === undefined
        ? { type: "off" }
        : { type: "on", intervalMs: health.intervalMs, nextMs: health.nextMs, error: health.watch.error },
  };
}

function handlerFacts({ config, intake, watch, health }: FactSources): HandlerFacts {
  const { open } = watch;
  const whole = config.onTransaction === undefined ? "onChange" : "onTransaction";
  const flow = health?.watch.flow;
  const unfinished = intake?.unfinished ?? 0;
  return {
    name: open !== undefined && open.xid === undefined ? "onMessage" : whole,
    oldestOpen: open,
    unfinished,
    laterDone: intake?.ledger.running.filter(({ finished }) => finished).length ?? 0,
    handledBytesPerSecond: flow?.handledBytesPerSecond ?? 0,
    writtenBytesPerSecond: flow?.writtenBytesPerSecond ?? 0,
    backlogGrows: flow?.trend === "falling behind" && unfinished > 1,
  };
}

/**
 * What counts as the slot's state. A stream that runs proves its slot, unless it was lost under it. Otherwise the later
 * of two looks: the session's, which also knows about our lock, or the sampler's, which says nothing of who holds the slot.
 */
function lookedAt({ connection, looked, health, nowMs, intake }: FactSources): Looked | undefined {
  const sampled = health?.watch.looked;
  const owned = intake !== undefined || looked !== undefined; // before that nobody may have made it yet
  if (connection.type === "streaming") {
    return sampled?.verdict.type === "lost" ? sampled : looked;
  }
  if (connection.type === "stopped") return looked === undefined ? undefined : { ...looked, atMs: nowMs };
  const says =
    sampled !== undefined && sampled.verdict.type !== "inUse" && (sampled.verdict.type !== "missing" || owned);
  if (!says) return looked;
  return looked === undefined || sampled.atMs > looked.atMs ? sampled : looked;
}
