// The public names of @trunkline/replication, one block for each idea.

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
export type { Session, SessionListeners } from "./connection/session.ts";
export type { StreamEnd, StreamOptions, StreamSink, StreamStart } from "./connection/stream-sink.ts";
export { HandshakeTimeout, QueryTimeout } from "./connection/timeouts.ts";
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
export type { Endpoint } from "./options/endpoint.ts";
export { Secret } from "./options/secret.ts";
export type { SslMode, SslOptions } from "./options/tls-policy.ts";
