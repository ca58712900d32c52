import type { BackendMessage } from "../src/backend/backend-message.ts";
import { bytes, cstring, int16, int32 } from "./bytes.ts";

/** A message of the server, its bytes, and what they mean. */
export interface BackendSample {
  readonly letter: string;
  readonly body: Buffer;
  readonly message: BackendMessage;
  /** The last field has no end of its own: a shorter body, down to this length, is a message too. */
  readonly shortest?: number;
}

const report = {
  severity: "ERROR",
  localizedSeverity: "FEHLER",
  code: "42704",
  condition: "undefined_object",
  message: "Replikations-Slot „x“ existiert nicht",
  detail: "d",
  hint: "h",
  position: 7,
  internalPosition: 8,
  internalQuery: "q",
  where: "w",
  schema: "s",
  table: "t",
  column: "c",
  dataType: "dt",
  constraint: "n",
  file: "slot.c",
  line: 501,
  routine: "ReplicationSlotAcquireInternal",
} as const;

const reportBody = bytes(
  ...["SFEHLER", "VERROR", "C42704", `M${report.message}`, "Dd", "Hh", "P7", "p8", "qq", "Ww", "ss", "tt"].map(cstring),
  ...["cc", "ddt", "nn", "Fslot.c", "L501", "RReplicationSlotAcquireInternal"].map(cstring),
  "\0",
);

/** Every message that `parseBackendMessage` reads, most of them in the fullest form there is. */
export const backendSamples: readonly BackendSample[] = [
  { letter: "R", body: bytes(int32(0)), message: { type: "authenticationOk" } },
  { letter: "R", body: bytes(int32(3)), message: { type: "authenticationCleartextPassword" } },
  {
    letter: "R",
    body: bytes(int32(5), [1, 2, 254, 0]),
    message: { type: "authenticationMd5Password", salt: Uint8Array.of(1, 2, 254, 0) },
  },
  {
    letter: "R",
    body: bytes(int32(10), cstring("SCRAM-SHA-256-PLUS"), cstring("SCRAM-SHA-256"), "\0"),
    message: { type: "authenticationSasl", mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"] },
  },
  {
    letter: "R",
    body: bytes(int32(11), "r=é,s=,i=1"),
    message: { type: "authenticationSaslContinue", data: "r=é,s=,i=1" },
    shortest: 4,
  },
  {
    letter: "R",
    body: bytes(int32(12), "v=x"),
    message: { type: "authenticationSaslFinal", data: "v=x" },
    shortest: 4,
  },
  {
    letter: "R",
    body: bytes(int32(2)),
    message: { type: "authenticationUnsupported", code: 2, method: "Kerberos V5" },
  },
  { letter: "R", body: bytes(int32(7)), message: { type: "authenticationUnsupported", code: 7, method: "GSSAPI" } },
  { letter: "R", body: bytes(int32(9)), message: { type: "authenticationUnsupported", code: 9, method: "SSPI" } },
  {
    letter: "R",
    body: bytes(int32(99)),
    message: { type: "authenticationUnsupported", code: 99, method: "method 99" },
  },
  {
    letter: "K",
    body: bytes(int32(4242), [1, 2, 3, 4, 5, 6, 7, 8]),
    message: { type: "backendKeyData", processId: 4242, key: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    shortest: 8,
  },
  {
    letter: "S",
    body: bytes(cstring("server_version"), cstring("18.4 (ünï)")),
    message: { type: "parameterStatus", name: "server_version", value: "18.4 (ünï)" },
  },
  {
    letter: "v",
    body: bytes(int32(0x3_0002), int32(2), cstring("_pq_.a"), cstring("_pq_.b")),
    message: { type: "negotiateProtocolVersion", minorVersion: 2, unrecognizedOptions: ["_pq_.a", "_pq_.b"] },
  },
  { letter: "Z", body: bytes("I"), message: { type: "readyForQuery", status: "idle" } },
  { letter: "Z", body: bytes("T"), message: { type: "readyForQuery", status: "inTransaction" } },
  { letter: "Z", body: bytes("E"), message: { type: "readyForQuery", status: "inFailedTransaction" } },
  {
    letter: "T",
    body: bytes(
      int16(2),
      [cstring("id"), int32(16_384), int16(1), int32(20), int16(8), int32(-1), int16(0)].flatMap((piece) => [
        ...bytes(piece),
      ]),
      [cstring("ä"), int32(-1), int16(0), int32(1043), int16(-1), int32(14), int16(1)].flatMap((piece) => [
        ...bytes(piece),
      ]),
    ),
    message: {
      type: "rowDescription",
      fields: [
        { name: "id", tableOid: 16_384, columnNumber: 1, typeOid: 20, typeSize: 8, typeModifier: -1, format: "text" },
        {
          name: "ä",
          tableOid: 4_294_967_295,
          columnNumber: 0,
          typeOid: 1043,
          typeSize: -1,
          typeModifier: 14,
          format: "binary",
        },
      ],
    },
  },
  { letter: "T", body: bytes(int16(0)), message: { type: "rowDescription", fields: [] } },
  {
    letter: "D",
    body: bytes(int16(3), int32(-1), int32(0), int32(4), "é\0x"),
    message: { type: "dataRow", values: [null, "", "é\0x"] },
  },
  { letter: "C", body: bytes(cstring("INSERT 0 2")), message: { type: "commandComplete", tag: "INSERT 0 2" } },
  { letter: "I", body: bytes(), message: { type: "emptyQueryResponse" } },
  { letter: "E", body: reportBody, message: { type: "errorResponse", report } },
  { letter: "N", body: reportBody, message: { type: "noticeResponse", report } },
  {
    letter: "A",
    body: bytes(int32(7), cstring("channel"), cstring("payload")),
    message: { type: "notificationResponse", processId: 7, channel: "channel", payload: "payload" },
  },
  {
    letter: "G",
    body: bytes([0], int16(2), int16(0), int16(0)),
    message: { type: "copyInResponse", format: "text", columnFormats: ["text", "text"] },
  },
  {
    letter: "H",
    body: bytes([1], int16(2), int16(1), int16(0)),
    message: { type: "copyOutResponse", format: "binary", columnFormats: ["binary", "text"] },
  },
  {
    letter: "W",
    body: bytes([0], int16(1), int16(1)),
    message: { type: "copyBothResponse", format: "text", columnFormats: ["binary"] },
  },
  { letter: "d", body: bytes([107, 0]), message: { type: "copyData", data: bytes([107, 0]) }, shortest: 0 },
  { letter: "c", body: bytes(), message: { type: "copyDone" } },
  { letter: "1", body: bytes("x"), message: { type: "unknown", typeByte: 0x31, body: bytes("x") }, shortest: 0 },
];
