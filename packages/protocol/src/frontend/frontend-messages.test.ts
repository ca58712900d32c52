import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, cstring, int16, int32, type Piece } from "../../test/bytes.ts";
import { frameSize } from "../frame.ts";
import { encodeCancelRequest, encodeSslRequest } from "./connection-requests.ts";
import { encodeCopyData, encodeCopyDataFrames } from "./copy-data.ts";
import {
  encodeCopyDone,
  encodeCopyFail,
  encodePassword,
  encodeQuery,
  encodeSaslInitialResponse,
  encodeSaslResponse,
  encodeTerminate,
} from "./session-messages.ts";
import { encodeStartupMessage } from "./startup-message.ts";

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });
const untyped = <T>(value: unknown): T => value as T;

const framed = (letter: string, ...pieces: readonly Piece[]): Buffer => {
  const body = bytes(...pieces);
  return bytes(letter, int32(body.length + 4), body);
};

describe("StartupMessage", () => {
  test("R22: carries the parameters in the order given, and nothing of its own", () => {
    const body = bytes(
      int16(3),
      int16(0),
      ...["user", "rep", "database", "db", "replication", "database", "application_name", "é"].map(cstring),
      "\0",
    );
    const parameters = { user: "rep", database: "db", replication: "database", application_name: "é" };
    expect(encodeStartupMessage(parameters)).toEqual(bytes(int32(body.length + 4), body));
  });

  test("asks for protocol 3.2 when told to", () => {
    expect(encodeStartupMessage({ user: "u" }, "3.2").subarray(4, 8)).toEqual(bytes(int16(3), int16(2)));
  });

  test.each([{}, { user: "" }, { database: "u" }, { user: "u", "": "x" }])("%j is refused", (parameters) => {
    expect(() => encodeStartupMessage(untyped(parameters))).toThrow(withCode("option_invalid"));
  });

  test.each([
    ["a number (R21)", 5],
    ["nothing", undefined],
    ["a zero byte, which would begin another parameter", "x\0replication\0true"],
    ["half a surrogate pair", "\ud800"],
  ])("a value that is %s is refused", (_, value) => {
    expect(() => encodeStartupMessage({ user: "u", options: untyped<string>(value) })).toThrow(
      withCode("text_invalid"),
    );
  });

  test("parameters longer than a server reads are refused, not sent to be met with silence", () => {
    const fixed = encodeStartupMessage({ user: "u", options: "" }).length;
    const longest = "x".repeat(10_004 - fixed);
    expect(encodeStartupMessage({ user: "u", options: longest })).toHaveLength(10_004);
    expect(() => encodeStartupMessage({ user: "u", options: `${longest}x` })).toThrow(withCode("option_invalid"));
  });

  test("a name with a zero byte is refused", () => {
    expect(() => encodeStartupMessage({ user: "u", "a\0b": "x" })).toThrow(withCode("text_invalid"));
  });
});

describe("requests without a type byte", () => {
  test("SSLRequest", () => {
    expect(encodeSslRequest()).toEqual(bytes(int32(8), int32(80_877_103)));
  });

  test.each([4, 32, 256])("CancelRequest with a key of %d bytes", (length) => {
    const key = new Uint8Array(length).fill(0xfe);
    expect(encodeCancelRequest({ processId: 4242, key })).toEqual(
      bytes(int32(12 + length), int32(80_877_102), int32(4242), key),
    );
  });

  test.each([0, 3, 257])("CancelRequest refuses a key of %d bytes", (length) => {
    expect(() => encodeCancelRequest({ processId: 1, key: new Uint8Array(length) })).toThrow(
      withCode("option_invalid"),
    );
  });
});

describe("messages of a session", () => {
  test.each([
    ["Query", encodeQuery("SELECT 'é'"), framed("Q", cstring("SELECT 'é'"))],
    ["an empty Query", encodeQuery(""), framed("Q", cstring(""))],
    ["a password", encodePassword("pässwörd"), framed("p", cstring("pässwörd"))],
    [
      "SASLInitialResponse",
      encodeSaslInitialResponse("SCRAM-SHA-256", "n,,n=é,r=x"),
      framed("p", cstring("SCRAM-SHA-256"), int32(11), "n,,n=é,r=x"),
    ],
    ["SASLResponse", encodeSaslResponse("c=biws"), framed("p", "c=biws")],
    ["CopyDone", encodeCopyDone(), framed("c")],
    ["CopyFail", encodeCopyFail("no"), framed("f", cstring("no"))],
    ["Terminate", encodeTerminate(), framed("X")],
  ])("%s", (_, message, expected) => {
    expect(message).toEqual(expected);
  });

  test.each([
    ["Query", () => encodeQuery("SELECT 1\0; DROP TABLE t")],
    ["a password", () => encodePassword("a\0b")],
    ["a SASL mechanism", () => encodeSaslInitialResponse("X\0", "")],
    ["CopyFail", () => encodeCopyFail("\0")],
    ["a password that is no string", () => encodePassword(untyped(undefined))],
  ])("%s with a zero byte is refused before it is cut", (_, run) => {
    expect(run).toThrow(withCode("text_invalid"));
  });

  test("the error for a password does not show it", () => {
    expect(() => encodePassword("hunter2\0")).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
    );
  });

  test("a message stays as it is when the next one is written", () => {
    const first = encodeQuery("SELECT 1");
    const copy = Buffer.from(first);
    for (let index = 0; index < 20; index++) encodeQuery("x".repeat(index * 50));
    expect(first).toEqual(copy);
  });
});

describe("CopyData", () => {
  test("is a frame with a copy of the payload", () => {
    const payload = Uint8Array.of(1, 2, 3);
    const frame = encodeCopyData(payload);
    payload.fill(9);
    expect(frame).toEqual(framed("d", [1, 2, 3]));
  });

  test("of several payloads is one buffer of as many frames", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (payloads) => {
        const frames = encodeCopyDataFrames(payloads);
        let offset = 0;
        for (const payload of payloads) {
          const size = frameSize(frames, offset) ?? Number.NaN;
          expect(frames.subarray(offset, offset + size)).toEqual(framed("d", payload));
          offset += size;
        }
        expect(offset).toBe(frames.length);
      }),
    );
  });
});
