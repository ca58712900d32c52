import { type Lsn, lsn, MAX_LSN } from "@trunkline/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePositions, formatPosition, type Position, parsePosition } from "./position.ts";

const lsns: fc.Arbitrary<Lsn> = fc.bigInt({ min: 0n, max: MAX_LSN }).map((value) => lsn(value));
const positions: fc.Arbitrary<Position> = fc.record({ commitLsn: lsns, index: fc.maxSafeNat() });

test("a position is written as 16 and 14 hexadecimal digits", () => {
  expect(formatPosition({ commitLsn: lsn(0x16_b374d848n), index: 2 })).toBe("00000016b374d848-00000000000002");
  expect(formatPosition({ commitLsn: MAX_LSN, index: Number.MAX_SAFE_INTEGER })).toBe(
    "ffffffffffffffff-1fffffffffffff",
  );
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(positions, (position) => {
      expect(parsePosition(formatPosition(position))).toEqual(position);
    }),
  );
});

test("the strings sort as the positions do", () => {
  const near = fc.tuple(positions, fc.integer({ min: -1, max: 1 }), fc.integer({ min: -1, max: 1 }));
  fc.assert(
    fc.property(near, ([a, dl, di]) => {
      fc.pre(a.commitLsn > 0n && a.commitLsn < MAX_LSN && a.index > 0 && a.index < Number.MAX_SAFE_INTEGER);
      const b: Position = { commitLsn: lsn(a.commitLsn + BigInt(dl)), index: a.index + di };
      const [x, y] = [formatPosition(a), formatPosition(b)];
      expect(Math.sign(comparePositions(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
    }),
  );
});

test("positions of one transaction sort by index, those of several by commit", () => {
  const at = (commit: bigint, index: number): Position => ({ commitLsn: lsn(commit), index });
  const sorted = [at(2n, 0), at(1n, 10), at(1n, 9)].sort(comparePositions);
  expect(sorted).toEqual([at(1n, 9), at(1n, 10), at(2n, 0)]);
});

test("text that is no position is refused", () => {
  const bad = ["", "16/B374D848", "00000016B374D848-00000000000002", "00000016b374d848-ffffffffffffff", " 1-1"];
  for (const text of bad) expect(() => parsePosition(text)).toThrow(/is no position/);
});

test("an index that is no safe integer from 0 is refused", () => {
  for (const index of [-1, 0.5, Number.NaN, 2 ** 53]) {
    expect(() => formatPosition({ commitLsn: lsn(1n), index })).toThrow(/safe integer/);
  }
});
