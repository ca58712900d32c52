import type {
  BeginPrepareMessage,
  CommitPreparedMessage,
  PrepareMessage,
  RollbackPreparedMessage,
  StreamPrepareMessage,
} from "./prepared-messages.ts";
import type { RelationMessage, TypeMessage } from "./relation-messages.ts";
import type { DeleteMessage, InsertMessage, TruncateMessage, UpdateMessage } from "./row-messages.ts";
import type {
  StreamAbortMessage,
  StreamCommitMessage,
  StreamStartMessage,
  StreamStopMessage,
} from "./stream-messages.ts";
import type { BeginMessage, CommitMessage, LogicalMessage, OriginMessage } from "./transaction-messages.ts";

/** The messages that carry neither rows nor references to relations. */
export type FrameMessage =
  | BeginMessage
  | CommitMessage
  | OriginMessage
  | LogicalMessage
  | RelationMessage
  | TypeMessage
  | StreamStartMessage
  | StreamStopMessage
  | StreamCommitMessage
  | StreamAbortMessage
  | BeginPrepareMessage
  | PrepareMessage
  | CommitPreparedMessage
  | RollbackPreparedMessage
  | StreamPrepareMessage;

/**
 * Every message of pgoutput, protocol versions 1 to 4; switch on `kind`.
 * @see https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export type PgoutputMessage = FrameMessage | InsertMessage | UpdateMessage | DeleteMessage | TruncateMessage;

/** Each kind's first byte on the wire. */
export const messageTags = {
  begin: "B",
  commit: "C",
  origin: "O",
  message: "M",
  relation: "R",
  type: "Y",
  insert: "I",
  update: "U",
  delete: "D",
  truncate: "T",
  streamStart: "S",
  streamStop: "E",
  streamCommit: "c",
  streamAbort: "A",
  beginPrepare: "b",
  prepare: "P",
  commitPrepared: "K",
  rollbackPrepared: "r",
  streamPrepare: "p",
} as const satisfies Record<PgoutputMessage["kind"], string>;

const kindsByTag: ReadonlyMap<number, PgoutputMessage["kind"]> = new Map(
  Object.entries(messageTags).map(([kind, tag]) => [tag.charCodeAt(0), kind as PgoutputMessage["kind"]]),
);

/** The kind of message that begins with this byte, or `undefined` for a byte that begins none. */
export function messageKind(tag: number): PgoutputMessage["kind"] | undefined {
  return kindsByTag.get(tag);
}
