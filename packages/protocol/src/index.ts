// The public names of @trunkline/protocol, one block for each idea.

export { type ChannelBindingPolicy, chooseScram, type ScramChoice } from "./authentication/choose-scram.ts";
export { type Md5Credentials, md5Password } from "./authentication/md5-password.ts";
export {
  type ScramChannelBinding,
  type ScramClientFinal,
  type ScramClientFirst,
  type ScramOptions,
  startScram,
} from "./authentication/scram.ts";
export { certificateHashAlgorithm, tlsServerEndPoint } from "./authentication/tls-server-end-point.ts";
export type {
  AuthenticationMessage,
  BackendMessage,
  CopyResponse,
  Format,
  RowField,
  TransactionStatus,
} from "./backend/backend-message.ts";
export { type CommandTag, parseCommandTag } from "./backend/command-tag.ts";
export { type Condition, conditionOf, conditions } from "./backend/condition.ts";
export { parseBackendMessage } from "./backend/parse-backend-message.ts";
export { PostgresError, type PostgresErrorOptions } from "./backend/postgres-error.ts";
export type { ServerReport, Severity } from "./backend/server-report.ts";
export { ByteReader } from "./byte-reader.ts";
export type { ServerVersion } from "./commands/command-options.ts";
export {
  type CreatePhysicalReplicationSlotOptions,
  type CreateReplicationSlotOptions,
  createPhysicalReplicationSlot,
  createReplicationSlot,
  type SlotSnapshot,
} from "./commands/create-replication-slot.ts";
export { quoteIdentifier, quoteLiteral, quoteSlotName } from "./commands/quoting.ts";
export { identifySystem, show, timelineHistory } from "./commands/server-commands.ts";
export {
  type AlterReplicationSlotOptions,
  alterReplicationSlot,
  type DropReplicationSlotOptions,
  dropReplicationSlot,
  type ReadReplicationSlotOptions,
  readReplicationSlot,
} from "./commands/slot-commands.ts";
export {
  type PgoutputProtocolVersion,
  type StartLogicalReplicationOptions,
  type StartPhysicalReplicationOptions,
  type StartReplicationOptions,
  startLogicalReplication,
  startPhysicalReplication,
  startReplication,
} from "./commands/start-replication.ts";
export { encodeFrame, FRAME_HEADER_BYTES, frameSize, MAX_FRAME_LENGTH } from "./frame.ts";
export { type CancelTarget, encodeCancelRequest, encodeSslRequest } from "./frontend/connection-requests.ts";
export { encodeCopyData, encodeCopyDataFrames } from "./frontend/copy-data.ts";
export {
  encodeCopyDone,
  encodeCopyFail,
  encodePassword,
  encodeQuery,
  encodeSaslInitialResponse,
  encodeSaslResponse,
  encodeTerminate,
} from "./frontend/session-messages.ts";
export { encodeStartupMessage, type ProtocolVersion } from "./frontend/startup-message.ts";
export {
  decodeLsn,
  earlierLsn,
  encodeLsn,
  formatLsn,
  type Lsn,
  laterLsn,
  lsn,
  lsnFromHalves,
  MAX_LSN,
  parseLsn,
  ZERO_LSN,
} from "./lsn.ts";
export {
  createPgoutputDecoder,
  type PgoutputDecoder,
} from "./pgoutput/pgoutput-decoder.ts";
export { type FrameMessage, messageKind, messageTags, type PgoutputMessage } from "./pgoutput/pgoutput-message.ts";
export type {
  BeginPrepareMessage,
  CommitPreparedMessage,
  PrepareMessage,
  RollbackPreparedMessage,
  StreamPrepareMessage,
} from "./pgoutput/prepared-messages.ts";
export type {
  RelationColumn,
  RelationMessage,
  ReplicaIdentity,
  TypeMessage,
} from "./pgoutput/relation-messages.ts";
export type {
  DeleteMessage,
  InsertMessage,
  OldTuple,
  TruncateMessage,
  UpdateMessage,
} from "./pgoutput/row-messages.ts";
export type {
  StreamAbortMessage,
  StreamCommitMessage,
  StreamStartMessage,
  StreamStopMessage,
} from "./pgoutput/stream-messages.ts";
export type { BeginMessage, CommitMessage, LogicalMessage, OriginMessage } from "./pgoutput/transaction-messages.ts";
export type { Tuple, TupleColumn } from "./pgoutput/tuple.ts";
export {
  CLOCK_INFINITY,
  CLOCK_MINUS_INFINITY,
  clockFromDate,
  clockFromUnixMicros,
  dateFromClock,
  type Infinite,
  POSTGRES_EPOCH_UNIX_MICROS,
  unixMicrosFromClock,
} from "./postgres-clock.ts";
export { ProtocolError, type ProtocolErrorCode, type ProtocolErrorOptions } from "./protocol-error.ts";
export {
  decodeHotStandbyFeedback,
  encodeHotStandbyFeedback,
  HOT_STANDBY_FEEDBACK,
  type HotStandbyFeedback,
} from "./replication-messages/hot-standby-feedback.ts";
export {
  decodePrimaryKeepalive,
  encodePrimaryKeepalive,
  PRIMARY_KEEPALIVE,
  type PrimaryKeepalive,
} from "./replication-messages/primary-keepalive.ts";
export {
  type ClientReplicationMessage,
  decodeClientReplicationMessage,
  decodeServerReplicationMessage,
  type ServerReplicationMessage,
} from "./replication-messages/replication-message.ts";
export {
  decodeStandbyStatusUpdate,
  encodeStandbyStatusUpdate,
  STANDBY_STATUS_UPDATE,
  type StandbyStatusUpdate,
} from "./replication-messages/standby-status-update.ts";
export {
  decodeXLogData,
  encodeXLogData,
  isXLogData,
  readXLogDataEnd,
  readXLogDataStart,
  X_LOG_DATA,
  X_LOG_DATA_HEADER_BYTES,
  type XLogData,
} from "./replication-messages/x-log-data.ts";
export type { Result } from "./result.ts";
export { arrayOf } from "./rows/array-text.ts";
export type {
  Change,
  DecodedMessage,
  DeleteChange,
  InsertChange,
  OldRow,
  TruncateChange,
  UpdateChange,
} from "./rows/change.ts";
export { type ChangeDecoder, type ChangeDecoderOptions, createChangeDecoder } from "./rows/change-decoder.ts";
export { defaultTypes, jsonText } from "./rows/default-types.ts";
export { nodePostgresTypes } from "./rows/node-postgres-types.ts";
export { createRelationCache, type RelationCache } from "./rows/relation-cache.ts";
export { fillUnchangedToast, type Row, unchangedToast } from "./rows/row.ts";
export { asText } from "./rows/text-parsers.ts";
export { asDate, asEpochMicros } from "./rows/timestamp-text.ts";
export {
  type BinaryParser,
  overrideTypes,
  type TextParser,
  type TypeOverrides,
  type TypeParsers,
} from "./rows/type-parsers.ts";
