import { formatLsn } from "@trunkline/protocol";
import type { Answer } from "./answer.ts";
import type { ExplainFacts } from "./facts.ts";
import { ago, bytes, duration } from "./words.ts";

/** After this the server should have told what it was told. */
const CONFIRM_MS = 10_000;
/** restart_lsn follows within half of this on a quiet server (W17). */
const PINNED_MS = 60_000;

/** A transaction is streamed before its commit. */
export function openTransaction({ openTransaction: open }: ExplainFacts): Answer | undefined {
  if (open === undefined) return undefined;
  const client = open.pid === undefined ? "look for its client" : `look for its client: pid ${open.pid}`;
  return {
    code: "open_transaction",
    tone: "waiting",
    sentence: `Transaction ${open.xid} is still open on the server: ${bytes(open.bytes)} received so far, spilled to disk.`,
    todo: `Wait for its commit, or ${client}.`,
  };
}

/** The server says nothing. */
export function silent({ connection, nowMs, backpressure }: ExplainFacts): Answer | undefined {
  if (connection.type !== "streaming" || backpressure) return undefined;
  const { lastHeardMs, askedMs, livenessTimeoutMs } = connection;
  const quietMs = nowMs - lastHeardMs;
  if (quietMs <= livenessTimeoutMs / 2) return undefined;
  const asked = askedMs === undefined ? "" : `; asked for an answer ${ago(nowMs - askedMs)}`;
  return {
    code: "silent",
    tone: "held",
    sentence: `Nothing heard from the server for ${duration(quietMs)}${asked}.`,
    todo: `Nothing yet: reconnects in ${duration(lastHeardMs + livenessTimeoutMs - nowMs)} if it stays silent.`,
  };
}

/** The server reads WAL, and finds nothing for us yet. */
export function decoding({ sampled, backpressure }: ExplainFacts): Answer | undefined {
  if (sampled?.sent === undefined || backpressure) return undefined;
  const { sent, walEnd } = sampled;
  if (sent >= walEnd) return undefined;
  return {
    code: "decoding",
    tone: "waiting",
    sentence: `Postgres is still decoding: ${bytes(walEnd - sent)} of WAL left to read.`,
    todo: "Wait. Often a large transaction or tables outside the publication; see pg_stat_replication_slots (spill_bytes).",
  };
}

/** The server does not say what it was told. */
export function notConfirmed({ nowMs, sampled }: ExplainFacts): Answer | undefined {
  if (sampled?.unconfirmed === undefined || sampled.confirmed === null) return undefined;
  const { confirmed, unconfirmed } = sampled;
  const { acked, sinceMs } = unconfirmed;
  if (nowMs - sinceMs <= CONFIRM_MS) return undefined;
  return {
    code: "not_confirmed",
    tone: "held",
    sentence: `Acknowledged ${formatLsn(acked)} ${ago(nowMs - sinceMs)}, but Postgres still says ${formatLsn(confirmed)}.`,
    todo: "Is a pooler or proxy between? Is the sampler asking another server?",
  };
}

/** The server keeps more WAL than we need. */
export function walPinned({ nowMs, sampled }: ExplainFacts): Answer | undefined {
  if (sampled === undefined) return undefined;
  const { restart, restartStillSinceMs, oldestTransaction } = sampled;
  if (restart === null || restartStillSinceMs === undefined || oldestTransaction === undefined) return undefined;
  if (nowMs - restartStillSinceMs <= PINNED_MS) return undefined;
  const { pid, sinceMs } = oldestTransaction;
  return {
    code: "wal_pinned",
    tone: "held",
    sentence: `The slot is confirmed; Postgres keeps WAL from ${formatLsn(restart)} for a transaction of pid ${pid}, open for ${duration(nowMs - sinceMs)}.`,
    todo: `End it if it is forgotten: select pg_terminate_backend(${pid});`,
  };
}
