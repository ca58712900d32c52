import { type From, reply } from "@trunkline/process";
import {
  clockFromUnixMicros,
  createChangeDecoder,
  decodePrimaryKeepalive,
  encodeStandbyStatusUpdate,
  identifySystem,
  isXLogData,
  type Lsn,
  PRIMARY_KEEPALIVE,
  startReplication,
  type TypeParsers,
  timelineHistory,
} from "@trunkline/protocol";
import {
  type Ack,
  type Instruction,
  noreply,
  pause,
  type QueryResult,
  query,
  ReplicationConnection,
  type ResultOrError,
  resume,
  stop,
  stream,
} from "@trunkline/replication";
import { SubscriptionError } from "../errors/subscription-error.ts";
import {
  parseSystemIdentity,
  parseTimelineHistory,
  type SystemIdentity,
  type TimelineEnd,
} from "../slot/slot-facts.ts";
import type { Intake } from "./intake.ts";
import { IntakeFeeder } from "./intake-feeder.ts";
import { type Looked, lookSql, parseLook } from "./look.ts";

/** What a session asks of the subscription it belongs to. */
export interface SessionOwner {
  readonly slot: string;
  readonly publications: readonly string[];
  readonly messages: boolean;
  readonly protocolVersion: 1 | 2;
  readonly origin: "any" | "none" | undefined;
  readonly types: TypeParsers | undefined;
  /** The timeline of our position; `undefined` without one. */
  readonly timeline: number | undefined;
  /** Decides what follows from what was found. */
  judge(found: Found): Decision;
  /** The stream runs. */
  streaming(): void;
  /** The server stops, and waits for us to confirm what we hold. */
  serverStops(): void;
  /** No more is read until the handler has made room: what the server says meanwhile is not heard. */
  heldBack(): void;
  /** Whether to report the durable position with the answer to the data that has just come. */
  reports(): boolean;
}

/** What a session has found before its stream. */
export interface Found extends Looked {
  readonly system: SystemIdentity;
  readonly history: readonly TimelineEnd[] | undefined;
}

/** What a session does next. */
export type Decision =
  | { readonly type: "stream"; readonly intake: Intake; readonly from: Lsn }
  /** Run this, then look again. */
  | { readonly type: "run"; readonly sql: string }
  /** Wait to be told to look again. */
  | { readonly type: "standBy" }
  | { readonly type: "stop"; readonly error: Error };

/** What is told to a session. */
export type SessionInfo =
  | { readonly type: "acknowledge" }
  | { readonly type: "resume" }
  | { readonly type: "look" }
  | { readonly type: "end"; readonly error: Error };

/** What is asked of a session. */
export interface SessionCalls {
  /** Sends a status update with the durable position; answers whether a stream runs. */
  acknowledge: { reply: boolean };
}

type Step =
  | { readonly type: "identifying" }
  | { readonly type: "readingHistory"; readonly system: SystemIdentity }
  | { readonly type: "looking"; readonly system: SystemIdentity; readonly history: readonly TimelineEnd[] | undefined }
  | { readonly type: "running"; readonly system: SystemIdentity; readonly history: readonly TimelineEnd[] | undefined }
  | {
      readonly type: "standingBy";
      readonly system: SystemIdentity;
      readonly history: readonly TimelineEnd[] | undefined;
    }
  | { readonly type: "streaming"; readonly intake: Intake };

interface SessionState {
  readonly owner: SessionOwner;
  /** Made for this session, and gone with it. */
  readonly feeder: IntakeFeeder;
  readonly step: Step;
  /** Keepalives in a row that asked for an answer with one and the same WAL end. */
  readonly asked: { readonly walEnd: Lsn; readonly times: number } | undefined;
}

/** So many questions about one position are not asked in normal service (W53). */
const questionsOfAStoppingServer = 5;

/**
 * One session with the server: looks at what is there, starts the stream, decodes, and fills the intake. It ends with
 * its connection, and what was decoded of a transaction without its Commit with it.
 */
export const ReplicationSession = ReplicationConnection.define<SessionState, SessionCalls, SessionInfo, SessionOwner>(
  {
    init: (owner) => ({
      owner,
      feeder: new IntakeFeeder(
        createChangeDecoder({ deferJson: true, ...(owner.types === undefined ? {} : { types: owner.types }) }),
      ),
      step: { type: "identifying" },
      asked: undefined,
    }),
    handleConnect: (state) => query(identifySystem(), { ...state, step: { type: "identifying" } }),
    handleResult: (results, state) => (results instanceof Error ? stop(results) : proceed(results, state)),
    handleStreamStart: (state) => {
      state.owner.streaming();
      return noreply(state, statusOf(state));
    },
    handleBytes: take,
    handleData: () => stop(new SubscriptionError("stream_ended", "The server ended the stream.")),
    handleInfo: (info, state) => {
      switch (info.type) {
        case "acknowledge":
          return noreply(state, statusOf(state));
        case "resume":
          return resume(state, statusOf(state));
        case "look":
          return state.step.type === "standingBy" ? look(state.step, state) : noreply(state);
        case "end":
          return stop(info.error);
        default:
          return noreply(state);
      }
    },
    handleCall: (_request, from, state) => {
      reply(from as From<boolean>, state.step.type === "streaming");
      return noreply(state, statusOf(state));
    },
    formatStatus: () => "a replication session", // rows are nobody else's business
  },
  { id: "session", restart: "temporary", shutdown: 5000 },
);

function proceed(results: ResultOrError & readonly QueryResult[], state: SessionState): Instruction<SessionState> {
  const { step, owner } = state;
  const row = results[0]?.rows[0] ?? [];
  switch (step.type) {
    case "identifying": {
      const system = parseSystemIdentity(row);
      if (owner.timeline === undefined || owner.timeline >= system.timeline) {
        return look({ system, history: undefined }, state);
      }
      return query(timelineHistory(system.timeline), { ...state, step: { type: "readingHistory", system } });
    }
    case "readingHistory":
      return look({ system: step.system, history: parseTimelineHistory(row[1] ?? "") }, state);
    case "running":
      return look(step, state);
    case "looking":
      return decide({ ...parseLook(results), system: step.system, history: step.history }, state);
    case "standingBy":
    case "streaming":
      return noreply(state);
  }
}

type Known = Pick<Found, "system" | "history">;

function look({ system, history }: Known, state: SessionState): Instruction<SessionState> {
  return query(lookSql(state.owner), { ...state, step: { type: "looking", system, history } });
}

function decide(found: Found, state: SessionState): Instruction<SessionState> {
  const { system, history } = found;
  const decision = state.owner.judge(found);
  switch (decision.type) {
    case "run":
      return query(decision.sql, { ...state, step: { type: "running", system, history } });
    case "standBy":
      return noreply({ ...state, step: { type: "standingBy", system, history } });
    case "stop":
      return stop(decision.error);
    case "stream": {
      const { slot, publications, messages, protocolVersion, origin } = state.owner;
      const command = startReplication({
        slot,
        publications,
        messages,
        protocolVersion,
        startLsn: decision.from,
        ...(origin === undefined ? {} : { origin }),
      });
      return stream(command, { ...state, step: { type: "streaming", intake: decision.intake } });
    }
  }
}

/** One payload of the stream: WAL or a keepalive. */
function take(slab: Uint8Array, from: number, to: number, state: SessionState): Instruction<SessionState> {
  const { step, feeder } = state;
  if (step.type !== "streaming") return noreply(state);
  const { intake } = step;
  if (isXLogData(slab, from, to)) {
    feeder.feed(slab, from, to, intake);
    const next = state.asked === undefined ? state : { ...state, asked: undefined };
    const acks = state.owner.reports() ? statusOf(next) : undefined;
    if (!intake.full) return noreply(next, acks);
    state.owner.heldBack();
    return pause(next, acks);
  }
  if (slab[from] !== PRIMARY_KEEPALIVE) return noreply(state);
  const { walEnd, replyRequested } = decodePrimaryKeepalive(slab.subarray(from, to));
  intake.keepalive(walEnd);
  if (!replyRequested) return noreply(state);
  const times = state.asked?.walEnd === walEnd ? state.asked.times + 1 : 1;
  if (times === questionsOfAStoppingServer) state.owner.serverStops();
  return noreply({ ...state, asked: { walEnd, times } }, statusOf(state));
}

/** What is durable is what may be confirmed, and nothing else; `written` tells how far we have read (W27). */
function statusOf({ step }: SessionState): readonly Ack[] {
  if (step.type !== "streaming") return [];
  const { received, durable } = step.intake.ledger;
  step.intake.acknowledged();
  const clock = clockFromUnixMicros(BigInt(Date.now()) * 1000n);
  const update = { written: received, flushed: durable, applied: durable, clock, replyRequested: false };
  return [encodeStandbyStatusUpdate(update)];
}
