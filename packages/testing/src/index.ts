export { TestingError, type TestingErrorCode } from "./errors.ts";
export type { PostgresServer } from "./postgres-server.ts";
export {
  defaultPostgresVersion,
  type PostgresVersion,
  parsePostgresVersion,
  postgresVersions,
} from "./postgres-version.ts";
export type { StopMode } from "./provider.ts";
export { baseSettings, type ServerSettings } from "./server-settings.ts";
export { sharedPostgres } from "./shared-postgres.ts";
export { type StartPostgresOptions, startPostgres } from "./start-postgres.ts";
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
