// The public names of @trunkline/replication, one block for each idea.

// The replication connection
export {
  call,
  cast,
  type ExitReason,
  type From,
  info,
  reply,
  replyError,
  send,
  sys,
} from "@trunkline/process";
export {
  createReplicationSlot,
  decodeLsn,
  encodeLsn,
  encodeStandbyStatusUpdate,
  formatLsn,
  type Lsn,
  PostgresError,
  parseLsn,
  startReplication,
} from "@trunkline/protocol";
export type { ExponentialBackoff, FixedBackoff, ReconnectBackoff } from "./backoff.ts";
export type { Callbacks, FromOf, MaybePromise, QueryError, RequestOf, ResultOrError } from "./callbacks.ts";
// The transport
export { AuthenticationError, type AuthenticationErrorCode } from "./connection/authentication-error.ts";
export { connect } from "./connection/connect.ts";
export {
  type ConnectionAction,
  ConnectionError,
  type ConnectionErrorKind,
  type Transport,
} from "./connection/connection-error.ts";
export type { OpeningPhase, OpenSessionOptions } from "./connection/open-session.ts";
export { ProtocolMisuse, type ProtocolMisuseCode } from "./connection/protocol-misuse.ts";
export type { QueryResult } from "./connection/query-result.ts";
export type { Session } from "./connection/session.ts";
export type { SessionListeners } from "./connection/session-listeners.ts";
export type { StreamEnd, StreamOptions, StreamSink, StreamStart } from "./connection/stream-sink.ts";
export { HandshakeTimeout, QueryTimeout } from "./connection/timeouts.ts";
export { streamVitals } from "./connection-metadata.ts";
export type { ConnectionMessage, ConnectionRef, Server } from "./connection-ref.ts";
export { DONE } from "./done.ts";
export {
  type Ack,
  type Disconnect,
  disconnect,
  type Ignore,
  type Instruction,
  ignore,
  type Noreply,
  noreply,
  type Pause,
  pause,
  type Query,
  type QueryOptions,
  query,
  type Reason,
  type Resume,
  resume,
  type Stop,
  type StopStream,
  type Stream,
  stop,
  stopStream,
  stream,
} from "./instruction.ts";
export { type ConnectionMachine, connectionMachine } from "./machine/connection-machine.ts";
export type { ConnectionContext, ConnectionInput } from "./machine/context.ts";
export type { ConnectionEvent, ConnectionEventType } from "./machine/events.ts";
export { type Outcome, outcomes } from "./machine/outcomes.ts";
export { type ConnectionState, connectionStates, stateOf } from "./machine/states.ts";
// Options
export { ConfigError, type ConfigErrorCode } from "./options/config-error.ts";
export type {
  AuthMethod,
  ChannelBinding,
  ConnectionOptions,
  EndpointOption,
  PasswordOption,
  TargetServerType,
} from "./options/connection-options.ts";
export { type ConnectionDescription, describeConnection } from "./options/describe-connection.ts";
export type { Endpoint } from "./options/endpoint.ts";
export type { Attempt, ConnectionName, ReplicationOptions, StartLinkOptions } from "./options/replication-options.ts";
export { Secret } from "./options/secret.ts";
export { symbolName } from "./options/symbol-name.ts";
export type { SslMode, SslOptions } from "./options/tls-policy.ts";
// What people who look are told
export { Rate } from "./rate.ts";
export {
  type ChildSpecDefaults,
  ReplicationConnection,
  type ReplicationConnectionDefinition,
} from "./replication-connection.ts";
export { ReplicationError, type ReplicationErrorCode } from "./replication-error.ts";
export { type ReplicationEvents, replicationChannelNames } from "./telemetry.ts";
export type { StreamLiveness, StreamTotals, StreamVitals } from "./transport/stream-vitals.ts";
