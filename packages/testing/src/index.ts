export {
  authenticationCleartextPassword,
  authenticationMd5Password,
  authenticationOk,
  authenticationRequest,
  authenticationSasl,
  authenticationSaslContinue,
  authenticationSaslFinal,
} from "./backend/authentication.ts";
export {
  type CopyFormat,
  copyBothResponse,
  copyData,
  copyDone,
  copyInResponse,
  copyOutResponse,
  primaryKeepalive,
  xLogData,
} from "./backend/copy.ts";
export { type BackendMessage, message } from "./backend/message.ts";
export { type Column, commandComplete, dataRow, emptyQueryResponse, rowDescription } from "./backend/query-result.ts";
export { errorResponse, noticeResponse, type ReportFields } from "./backend/report.ts";
export {
  backendKeyData,
  negotiateProtocolVersion,
  notificationResponse,
  parameterStatus,
  readyForQuery,
  type TransactionStatus,
} from "./backend/session.ts";
export { TestingError, type TestingErrorCode } from "./errors.ts";
export type { PostgresServer } from "./postgres-server.ts";
export {
  defaultPostgresVersion,
  type PostgresVersion,
  parsePostgresVersion,
  postgresVersions,
} from "./postgres-version.ts";
export type { StopMode } from "./provider.ts";
export {
  type FaultProxy,
  type FaultProxyOptions,
  faultProxy,
  type Plan,
  type ProxyTarget,
} from "./proxy/fault-proxy.ts";
export type { CutMode, Fault, Flow, Point } from "./proxy/flow.ts";
export type { CutSide, ProxiedConnection } from "./proxy/proxied-connection.ts";
export { randomNumbers, type SeededFaultsOptions, seededFaults } from "./proxy/seeded-faults.ts";
export { type ClientFrame, describeFrame, isStandbyReply } from "./scripted/client-frame.ts";
export { type Gate, gate } from "./scripted/gate.ts";
export type { Peer, SessionOptions } from "./scripted/peer.ts";
export {
  type Script,
  type ScriptedServer,
  type ScriptedServerOptions,
  scriptedServer,
} from "./scripted/scripted-server.ts";
export { baseSettings, type ServerSettings } from "./server-settings.ts";
export { sharedPostgres } from "./shared-postgres.ts";
export { type ServerProvider, type StartPostgresOptions, startPostgres } from "./start-postgres.ts";
export type { TestClient } from "./test-client.ts";
export type { TestDatabase } from "./test-database.ts";
export type { PublicationOptions, TestPublication } from "./test-publication.ts";
export type { SlotOptions, SlotState, TestSlot } from "./test-slot.ts";
export {
  type CertificateAuthority,
  createCertificateAuthority,
  type IssueOptions,
  type ServerCertificates,
} from "./tls/certificate-authority.ts";
