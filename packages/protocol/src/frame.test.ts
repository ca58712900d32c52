import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, int32 } from "../test/bytes.ts";
import { encodeFrame, FRAME_HEADER_BYTES, frameSize, MAX_FRAME_LENGTH } from "./frame.ts";

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });

describe("the size of a frame", () => {
  test("counts the type byte, which the length on the wire does not", () => {
    expect(frameSize(bytes("Z", int32(5), "I"), 0)).toBe(6);
    expect(frameSize(bytes("xx", "c", int32(4)), 2)).toBe(5);
  });

  test("is not known before the five bytes of the header are there", () => {
    const frame = bytes("Z", int32(5), "I");
    for (let end = 0; end < FRAME_HEADER_BYTES; end++) {
      expect(frameSize(frame, 0, end)).toBeUndefined();
      expect(frameSize(frame.subarray(0, end), 0)).toBeUndefined();
    }
    expect(frameSize(frame, 0, FRAME_HEADER_BYTES)).toBe(6);
  });

  test("goes from 4 to one GiB", () => {
    expect(frameSize(bytes("d", int32(4)), 0)).toBe(5);
    expect(frameSize(bytes("d", int32(MAX_FRAME_LENGTH)), 0)).toBe(MAX_FRAME_LENGTH + 1);
  });

  test.each([0, 3, MAX_FRAME_LENGTH + 1, 2 ** 31 - 1, -1, -(2 ** 31)])(
    "a length of %d is refused, with the offset of the length",
    (length) => {
      const run = () => frameSize(bytes("..", "d", int32(length)), 2);
      expect(run).toThrow(withCode("frame_length_invalid"));
      expect(run).toThrow(expect.objectContaining({ offset: 3 }));
    },
  );

  test("an answer that is not Postgres at all is refused", () => {
    expect(() => frameSize(bytes("HTTP/1.1 400 Bad Request"), 0)).toThrow(withCode("frame_length_invalid"));
  });
});

describe("a frame that is written", () => {
  test("is read back by its size", () => {
    fc.assert(
      fc.property(fc.constantFrom("d", "Q", "1"), fc.uint8Array({ maxLength: 300 }), (type, body) => {
        const frame = encodeFrame(type, body);
        expect(frameSize(frame, 0)).toBe(frame.length);
        expect(frame).toEqual(bytes(type, int32(body.length + 4), body));
      }),
    );
  });

  test.each(["", "dd", "é"])("has one ASCII character as its type, not %j", (type) => {
    expect(() => encodeFrame(type, bytes())).toThrow(withCode("option_invalid"));
  });
});
