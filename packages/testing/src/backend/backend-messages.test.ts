import { parseBackendMessage } from "@trunkline/protocol";
import { expect, test } from "vitest";
import {
  authenticationCleartextPassword,
  authenticationMd5Password,
  authenticationOk,
  authenticationRequest,
  authenticationSasl,
  authenticationSaslContinue,
  authenticationSaslFinal,
} from "./authentication.ts";
import {
  copyBothResponse,
  copyData,
  copyDone,
  copyInResponse,
  copyOutResponse,
  primaryKeepalive,
  xLogData,
} from "./copy.ts";
import type { BackendMessage } from "./message.ts";
import { commandComplete, dataRow, emptyQueryResponse, rowDescription } from "./query-result.ts";
import { errorResponse, noticeResponse } from "./report.ts";
import {
  backendKeyData,
  negotiateProtocolVersion,
  notificationResponse,
  parameterStatus,
  readyForQuery,
} from "./session.ts";

const salt = new Uint8Array([1, 2, 3, 4]);
const report = { severity: "ERROR", code: "42601", message: "wörd", hint: "none", more: { P: "7" } };
const reported = { severity: "ERROR", code: "42601", message: "wörd", hint: "none", position: 7 };

const cases: readonly (readonly [BackendMessage, object])[] = [
  [authenticationOk(), { type: "authenticationOk" }],
  [authenticationCleartextPassword(), { type: "authenticationCleartextPassword" }],
  [authenticationMd5Password(salt), { type: "authenticationMd5Password", salt }],
  [authenticationSasl(["A", "B"]), { type: "authenticationSasl", mechanisms: ["A", "B"] }],
  [authenticationSaslContinue("r=1"), { type: "authenticationSaslContinue", data: "r=1" }],
  [authenticationSaslFinal("v=1"), { type: "authenticationSaslFinal", data: "v=1" }],
  [authenticationRequest(7), { type: "authenticationUnsupported", code: 7 }],
  [parameterStatus("a", "é"), { type: "parameterStatus", name: "a", value: "é" }],
  [backendKeyData(9, salt), { type: "backendKeyData", processId: 9, key: salt }],
  [readyForQuery("E"), { type: "readyForQuery", status: "inFailedTransaction" }],
  [negotiateProtocolVersion(0, ["_pq_.x"]), { type: "negotiateProtocolVersion", unrecognizedOptions: ["_pq_.x"] }],
  [notificationResponse(3, "c", "p"), { type: "notificationResponse", processId: 3, channel: "c", payload: "p" }],
  [errorResponse(report), { type: "errorResponse", report: reported }],
  [
    noticeResponse({ ...report, severity: "NOTICE" }),
    { type: "noticeResponse", report: { ...reported, severity: "NOTICE" } },
  ],
  [
    rowDescription(["one", { name: "two", typeOid: 23, tableOid: 5, format: 1 }]),
    {
      type: "rowDescription",
      fields: [
        { name: "one", typeOid: 25, tableOid: 0, typeSize: -1, typeModifier: -1, format: "text" },
        { name: "two", typeOid: 23, tableOid: 5, format: "binary" },
      ],
    },
  ],
  [dataRow(["é", null, ""]), { type: "dataRow", values: ["é", null, ""] }],
  [commandComplete("SELECT 1"), { type: "commandComplete", tag: "SELECT 1" }],
  [emptyQueryResponse(), { type: "emptyQueryResponse" }],
  [copyBothResponse(), { type: "copyBothResponse", format: "text", columnFormats: [] }],
  [
    copyOutResponse({ format: 1, columns: [1, 0] }),
    { type: "copyOutResponse", format: "binary", columnFormats: ["binary", "text"] },
  ],
  [copyInResponse(), { type: "copyInResponse", format: "text" }],
  [copyData("x"), { type: "copyData", data: Buffer.from("x") }],
  [copyDone(), { type: "copyDone" }],
];

test.each(cases)("a client reads message %#", (message, expected) => {
  expect(message.readUInt32BE(1)).toBe(message.length - 1);
  expect(parseBackendMessage(message.readUInt8(0), message.subarray(5))).toMatchObject(expected);
});

test("WAL and keepalives are CopyData of the right layout", () => {
  const zeros = "0".repeat(16);
  expect(xLogData("B", { walStart: "1/2" }).subarray(5).toString("hex")).toBe(
    `77${"0000000100000002".repeat(2)}${zeros}42`,
  );
  expect(primaryKeepalive("1/2", { replyRequested: true }).subarray(5).toString("hex")).toBe(
    `6b0000000100000002${zeros}01`,
  );
});
