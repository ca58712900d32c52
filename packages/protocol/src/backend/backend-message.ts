import type { ServerReport } from "./server-report.ts";

/** One column of a result. */
export interface RowField {
  readonly name: string;
  /** OID of the table it comes from; 0: not a table's column. */
  readonly tableOid: number;
  /** Number of the column in that table, the first is 1; 0: not a table's column. */
  readonly columnNumber: number;
  readonly typeOid: number;
  /** Size of the type in bytes; negative: variable. */
  readonly typeSize: number;
  /** `atttypmod`; -1: none. */
  readonly typeModifier: number;
  readonly format: Format;
}

/** How a value is written. */
export type Format = "text" | "binary";

/** What the transaction of the session is doing, in ReadyForQuery: letters I, T, E. */
export type TransactionStatus = "idle" | "inTransaction" | "inFailedTransaction";

/**
 * What the server asks of, or tells, a client that logs in. `authenticationUnsupported` stands for the methods that
 * this package has no answer to (Kerberos, GSSAPI, SSPI, and codes yet to come).
 */
export type AuthenticationMessage =
  | { readonly type: "authenticationOk" }
  | { readonly type: "authenticationCleartextPassword" }
  | { readonly type: "authenticationMd5Password"; readonly salt: Uint8Array }
  | { readonly type: "authenticationSasl"; readonly mechanisms: readonly string[] }
  | { readonly type: "authenticationSaslContinue"; readonly data: string }
  | { readonly type: "authenticationSaslFinal"; readonly data: string }
  | { readonly type: "authenticationUnsupported"; readonly code: number; readonly method: string };

/** The answer to a COPY or to START_REPLICATION: data follows from the server, from the client, or from both. */
export interface CopyResponse {
  readonly type: "copyInResponse" | "copyOutResponse" | "copyBothResponse";
  readonly format: Format;
  /** One for each column; empty under replication. */
  readonly columnFormats: readonly Format[];
}

/**
 * A message from the server. Every buffer inside owns its memory, but for `copyData` and `unknown`, which hold views.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export type BackendMessage =
  | AuthenticationMessage
  | CopyResponse
  | { readonly type: "parameterStatus"; readonly name: string; readonly value: string }
  /** `key` is what CancelRequest needs: 4 bytes in protocol 3.0, up to 256 in 3.2. */
  | { readonly type: "backendKeyData"; readonly processId: number; readonly key: Uint8Array }
  /** The server does not know the minor version that was asked for: `minorVersion` is the newest one it does. */
  | {
      readonly type: "negotiateProtocolVersion";
      readonly minorVersion: number;
      readonly unrecognizedOptions: readonly string[];
    }
  | { readonly type: "readyForQuery"; readonly status: TransactionStatus }
  | { readonly type: "rowDescription"; readonly fields: readonly RowField[] }
  /** Values as text, whatever the format of the column; simple queries never answer in binary. */
  | { readonly type: "dataRow"; readonly values: readonly (string | null)[] }
  | { readonly type: "commandComplete"; readonly tag: string }
  | { readonly type: "emptyQueryResponse" }
  | { readonly type: "errorResponse"; readonly report: ServerReport }
  | { readonly type: "noticeResponse"; readonly report: ServerReport }
  | {
      readonly type: "notificationResponse";
      readonly processId: number;
      readonly channel: string;
      readonly payload: string;
    }
  | { readonly type: "copyData"; readonly data: Uint8Array }
  | { readonly type: "copyDone" }
  /** A type byte that is not in the list, extended query messages included. */
  | { readonly type: "unknown"; readonly typeByte: number; readonly body: Uint8Array };
