import { describe, expect, test } from "vitest";
import { decodeLsn, encodeLsn, type Lsn } from "../../src/index.ts";

const integer = 0xfedc_ba98_7654_3210n as Lsn;
const greatest = 0xffff_ffff_ffff_ffffn as Lsn;
const pairs: ReadonlyArray<readonly [bigint, string]> = [
  [integer, "FEDCBA98/76543210"],
  [0n, "0/0"],
  [greatest, "FFFFFFFF/FFFFFFFF"],
];

describe("LSN text", () => {
  test("PR-10, R103: encoding writes two upper-case hexadecimal halves without leading zeros", () => {
    for (const [value, text] of pairs) expect(encodeLsn(value as Lsn)).toEqual({ ok: true, value: text });
  });

  test("PR-11, R104: decoding reads them", () => {
    for (const [value, text] of pairs) expect(decodeLsn(text)).toEqual({ ok: true, value });
  });

  test("PR-12, R106: decoding, then encoding, gives the same string", () => {
    const decoded = decodeLsn("FEDCBA98/76543210");
    if (!decoded.ok) throw decoded.error;
    expect(encodeLsn(decoded.value)).toEqual({ ok: true, value: "FEDCBA98/76543210" });
  });

  test("PR-13, R106: encoding, then decoding, gives the same integer", () => {
    const encoded = encodeLsn(integer);
    if (!encoded.ok) throw encoded.error;
    expect(decodeLsn(encoded.value)).toEqual({ ok: true, value: integer });
  });

  test("PR-14, R104, R105: text that is no LSN is an error value, not a throw", () => {
    const wrong = ["0123ABC", "/0123ABC", "0123ABC/", "123G/0123ABC", "0/012345678", "012345678/0"];
    for (const text of [...wrong, "-0FA23/08FACD1", "0FA23/-08FACD1"]) {
      expect(decodeLsn(text), text).toMatchObject({ ok: false, error: { code: "lsn_malformed" } });
    }
  });

  test("PR-15, R103: an integer outside of 64 bits is an error value", () => {
    for (const value of [-1n, 1n << 64n]) {
      expect(encodeLsn(value as Lsn)).toMatchObject({ ok: false, error: { code: "lsn_out_of_range" } });
    }
  });

  test("PX-48, R104: either case and leading zeros are read", () => {
    expect(decodeLsn("ff/aB")).toEqual({ ok: true, value: (0xffn << 32n) | 0xabn });
    expect(decodeLsn("0000000A/0")).toEqual({ ok: true, value: 0xan << 32n });
    expect(decodeLsn("0/00000000")).toEqual({ ok: true, value: 0n });
  });

  test("PX-49, R105: a sign is an error", () => {
    for (const text of ["+1/0", "-0/0", "1/+0", "1/-0"]) expect(decodeLsn(text), text).toMatchObject({ ok: false });
  });

  test("PX-50, R104: a second slash, nothing, spaces, prefixes and separators are errors", () => {
    for (const text of ["1/2/3", "", "/", " 1/0", "1/0 ", "0x1/0", "1_0/0", "1/0\n"]) {
      expect(decodeLsn(text), JSON.stringify(text)).toMatchObject({ ok: false });
    }
  });
});
