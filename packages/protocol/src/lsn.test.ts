import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeLsn, earlierLsn, encodeLsn, formatLsn, laterLsn, lsn, lsnFromHalves, MAX_LSN, parseLsn } from "./lsn.ts";
import { ProtocolError } from "./protocol-error.ts";

const HIGH_TO_LOW = 0xfedcba98_76543210n;

/** What a caller without types could pass. */
const untyped = <T>(value: unknown): T => value as T;

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return undefined;
};

describe("encoding", () => {
  test.each([
    [HIGH_TO_LOW, "FEDCBA98/76543210"],
    [0n, "0/0"],
    [2n ** 64n - 1n, "FFFFFFFF/FFFFFFFF"],
    [(1n << 32n) | 10n, "1/A"],
    [97500059720n, "16/B374D848"],
  ])("PR-10: %d is %s", (value, text) => {
    expect(encodeLsn(value)).toEqual({ ok: true, value: text });
    expect(formatLsn(value)).toBe(text);
  });

  test.each([[-1n], [2n ** 64n]])("PR-15: %d is an error value, and formatLsn throws it", (value) => {
    expect(encodeLsn(value)).toMatchObject({ ok: false, error: { code: "lsn_out_of_range" } });
    expect(codeOf(() => formatLsn(value))).toBe("lsn_out_of_range");
    expect(codeOf(() => lsn(value))).toBe("lsn_out_of_range");
  });

  test("R106: a JS number is refused, whatever its value", () => {
    expect(encodeLsn(untyped(1))).toMatchObject({ ok: false, error: { code: "lsn_out_of_range" } });
    expect(codeOf(() => lsn(untyped(1)))).toBe("lsn_out_of_range");
    expect(codeOf(() => formatLsn(untyped("0/1")))).toBe("lsn_out_of_range");
  });
});

describe("decoding", () => {
  test.each([
    ["FEDCBA98/76543210", HIGH_TO_LOW],
    ["0/0", 0n],
    ["FFFFFFFF/FFFFFFFF", 2n ** 64n - 1n],
  ])("PR-11: %s is %d", (text, value) => {
    expect(decodeLsn(text)).toEqual({ ok: true, value });
    expect(parseLsn(text)).toBe(value);
  });

  test("PR-12: decoding, then encoding, gives the same text", () => {
    expect(formatLsn(parseLsn("FEDCBA98/76543210"))).toBe("FEDCBA98/76543210");
  });

  test("PR-13: encoding, then decoding, gives the same integer", () => {
    expect(parseLsn(formatLsn(HIGH_TO_LOW))).toBe(HIGH_TO_LOW);
  });

  test.each([
    "0123ABC",
    "/0123ABC",
    "0123ABC/",
    "123G/0123ABC",
    "0/012345678",
    "012345678/0",
    "-0FA23/08FACD1",
    "0FA23/-08FACD1",
  ])("PR-14: %j is an error value, not a throw", (text) => {
    expect(decodeLsn(text)).toMatchObject({ ok: false, error: { code: "lsn_malformed" } });
  });

  test.each([
    ["ff/aB", 0xff_0000_00abn],
    ["0000000A/0", 0xa_0000_0000n],
    ["0/00000000", 0n],
  ])("PX-48: either case and leading zeros are read: %s", (text, value) => {
    expect(parseLsn(text)).toBe(value);
  });

  test.each(["+1/0", "-0/0", "0/+1", "0/-0"])("PX-49: a sign is refused: %s", (text) => {
    expect(decodeLsn(text).ok).toBe(false);
    expect(codeOf(() => parseLsn(text))).toBe("lsn_malformed");
  });

  test.each(["1/2/3", "", "/", " 1/0", "1/0 ", "0x1/0", "1_0/0", "1/0\n", "１/0"])(
    "PX-50: other text is refused: %j",
    (text) => {
      expect(decodeLsn(text).ok).toBe(false);
    },
  );

  test("what is no text at all is an error value too, and the error is short", () => {
    expect(decodeLsn(untyped(undefined))).toMatchObject({ ok: false, error: { code: "lsn_malformed" } });
    const long = decodeLsn("x".repeat(10_000));
    expect(long.ok ? "" : long.error.message.length).toBeLessThan(300);
  });
});

test("every 64-bit integer survives its text, and its halves", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, MAX_LSN), (value) => {
      expect(parseLsn(formatLsn(value))).toBe(value);
      expect(lsnFromHalves(Number(value >> 32n), Number(value & 0xffff_ffffn))).toBe(value);
    }),
  );
});

test("LSNs compare as positions: 9/0 lies before 10/0", () => {
  const [early, late] = [parseLsn("9/0"), parseLsn("10/0")];
  expect(early < late).toBe(true);
  expect(laterLsn(early, late)).toBe(late);
  expect(laterLsn(late, early)).toBe(late);
  expect(earlierLsn(early, late)).toBe(early);
  expect(earlierLsn(late, early)).toBe(early);
});
