import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backendSamples } from "../../test/backend-samples.ts";
import { bytes, cstring, int16, int32, typeByte } from "../../test/bytes.ts";
import { ProtocolError } from "../protocol-error.ts";
import { parseBackendMessage } from "./parse-backend-message.ts";

const parse = (letter: string, body: Uint8Array) => parseBackendMessage(typeByte(letter), body);
const named = backendSamples.map((sample) => [`${sample.letter} ${sample.message.type}`, sample] as const);

/** What the bytes mean, or the ProtocolError they give; anything else that is thrown fails the test. */
function outcome(letter: string, body: Uint8Array): unknown {
  try {
    return parse(letter, body);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

test.each(named)("%s is read whole", (_, { letter, body, message }) => {
  expect(parse(letter, body)).toEqual(message);
});

test.each(named)("%s cut short anywhere is refused, with an offset inside what is there", (_, sample) => {
  const { letter, body, shortest = body.length } = sample;
  for (let length = 0; length < shortest; length++) {
    const error = outcome(letter, body.subarray(0, length));
    expect(error, `${length} of ${body.length} bytes`).toBeInstanceOf(ProtocolError);
    const { code, offset = -1 } = error as ProtocolError;
    expect(["message_truncated", "message_malformed"]).toContain(code);
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThanOrEqual(length);
  }
});

test.each(
  named.filter(([, sample]) => sample.shortest === undefined && sample.message.type !== "authenticationUnsupported"),
)("%s with a byte too many is refused", (_, { letter, body }) => {
  expect(() => parse(letter, bytes(body, [0]))).toThrow(
    expect.objectContaining({ code: "message_oversized", offset: body.length }),
  );
});

test.each(named)("%s is read alike from the middle of a larger buffer, and keeps to its own bytes", (_, sample) => {
  const { letter, body, message } = sample;
  const slab = bytes("behind\0", body, "ahead\0");
  const view = new Uint8Array(slab.buffer, slab.byteOffset + 7, body.length);
  const parsed = parse(letter, view);
  expect(parsed.type).toBe(message.type);
  if (message.type !== "copyData" && message.type !== "unknown") {
    slab.fill(0xaa);
    expect(parsed).toEqual(message);
  }
});

describe("malformed bodies", () => {
  test.each([
    ["a transaction status X", "Z", bytes("X"), 0],
    ["a negative count of fields", "T", bytes(int16(-1)), 0],
    ["a negative count of values", "D", bytes(int16(-1)), 0],
    ["a value of length -2", "D", bytes(int16(1), int32(-2)), 6],
    ["a copy format 2", "H", bytes([2], int16(0)), 1],
    ["a column format 2", "W", bytes([0], int16(1), int16(2)), 5],
    ["a cancel key of 257 bytes", "K", bytes(int32(1), new Uint8Array(257)), 4],
    ["an endless list of options", "v", bytes(int32(0x3_0000), int32(-1)), 4],
    ["an error without a message", "E", bytes(cstring("SERROR"), cstring("CXX000"), "\0"), 15],
    ["an error without a code", "E", bytes(cstring("SERROR"), cstring("Mx"), "\0"), 11],
    ["a notice without a severity", "N", bytes(cstring("C00000"), cstring("Mx"), "\0"), 11],
  ])("%s", (_, letter, body, offset) => {
    expect(() => parse(letter, body)).toThrow(expect.objectContaining({ code: "message_malformed", offset }));
  });

  test("an E or N without its terminator does not loop", () => {
    expect(() => parse("E", bytes("SERROR"))).toThrow(
      expect.objectContaining({ code: "message_truncated", offset: 1 }),
    );
    expect(() => parse("N", bytes(cstring("SNOTICE")))).toThrow(
      expect.objectContaining({ code: "message_truncated", offset: 8 }),
    );
  });
});

test("fields of a kind that is not known yet are skipped", () => {
  const body = bytes(cstring("SERROR"), cstring("CXX001"), cstring("Mm"), cstring("?new"), "\0");
  expect(parse("E", body)).toMatchObject({ report: { severity: "ERROR", message: "m", hint: undefined } });
});

test("a server that states the minor version alone is understood", () => {
  expect(parse("v", bytes(int32(0), int32(0)))).toEqual({
    type: "negotiateProtocolVersion",
    minorVersion: 0,
    unrecognizedOptions: [],
  });
});

test("mutated messages give a message or a ProtocolError, never another throw, and never leave what is behind them", () => {
  const secret = "NEVER READ";
  const mutation = fc.record({ at: fc.nat(), value: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...backendSamples),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (sample, mutations, cut) => {
        const slab = bytes(sample.body, secret);
        const length = sample.body.length - (cut % 3 === 0 ? cut % (sample.body.length + 1) : 0);
        for (const { at, value } of mutations) if (length > 0) slab[at % length] = value;
        const result = outcome(sample.letter, slab.subarray(0, length));
        const shown = JSON.stringify(result, (_, value) => (value instanceof Uint8Array ? String(value) : value));
        expect(shown).not.toContain(secret);
        if (result instanceof ProtocolError) expect(result.offset).toBeLessThanOrEqual(length);
      },
    ),
    { numRuns: 500 },
  );
});

test("random bytes under every type give a message or a ProtocolError", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 64 }), (type, body) => {
      outcome(String.fromCharCode(type), body);
    }),
    { numRuns: 500 },
  );
});
