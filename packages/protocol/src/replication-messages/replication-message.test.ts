import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes } from "../../test/bytes.ts";
import { type Lsn, lsn, MAX_LSN, parseLsn } from "../lsn.ts";
import { ProtocolError } from "../protocol-error.ts";
import { decodeHotStandbyFeedback, encodeHotStandbyFeedback } from "./hot-standby-feedback.ts";
import { decodePrimaryKeepalive, encodePrimaryKeepalive } from "./primary-keepalive.ts";
import { decodeClientReplicationMessage, decodeServerReplicationMessage } from "./replication-message.ts";
import { decodeStandbyStatusUpdate, encodeStandbyStatusUpdate } from "./standby-status-update.ts";
import {
  decodeXLogData,
  encodeXLogData,
  isXLogData,
  readXLogDataEnd,
  readXLogDataStart,
  X_LOG_DATA_HEADER_BYTES,
} from "./x-log-data.ts";

const lsns = fc.bigInt(0n, MAX_LSN).map(lsn);
const clocks = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
const uint32s = fc.nat(0xffff_ffff);

const untyped = <T>(value: unknown): T => value as T;

describe("the bytes are those of the manual", () => {
  const [a, b, c] = [parseLsn("1/2"), parseLsn("3/4"), parseLsn("FFFFFFFF/FFFFFFFE")];

  test("XLogData", () => {
    expect(encodeXLogData({ walStart: a, walEnd: b, clock: -1n, data: bytes("xyz") }).toString("hex")).toBe(
      `77${"0000000100000002"}${"0000000300000004"}${"ff".repeat(8)}78797a`,
    );
  });

  test("primary keepalive", () => {
    expect(encodePrimaryKeepalive({ walEnd: c, clock: 258n, replyRequested: true }).toString("hex")).toBe(
      `6b${"fffffffffffffffe"}${"0000000000000102"}01`,
    );
  });

  test("standby status update", () => {
    const update = { written: c, flushed: b, applied: a, clock: 1n, replyRequested: false };
    expect(encodeStandbyStatusUpdate(update).toString("hex")).toBe(
      `72${"fffffffffffffffe"}${"0000000300000004"}${"0000000100000002"}${"0000000000000001"}00`,
    );
  });

  test("hot standby feedback", () => {
    const feedback = { clock: 0n, xmin: 1, xminEpoch: 2, catalogXmin: 0xffff_ffff, catalogXminEpoch: 4 };
    expect(encodeHotStandbyFeedback(feedback).toString("hex")).toBe(
      `68${"00".repeat(8)}${"00000001"}${"00000002"}${"ffffffff"}${"00000004"}`,
    );
  });
});

test("every message is read back as it was written", () => {
  fc.assert(
    fc.property(lsns, lsns, lsns, clocks, fc.boolean(), fc.uint8Array(), (a, b, c, clock, replyRequested, data) => {
      const xLogData = { type: "xLogData", walStart: a, walEnd: b, clock, data: Buffer.from(data) } as const;
      expect(decodeServerReplicationMessage(encodeXLogData(xLogData))).toEqual(xLogData);
      const keepalive = { type: "primaryKeepalive", walEnd: a, clock, replyRequested } as const;
      expect(decodeServerReplicationMessage(encodePrimaryKeepalive(keepalive))).toEqual(keepalive);
      const status = {
        type: "standbyStatusUpdate",
        written: a,
        flushed: b,
        applied: c,
        clock,
        replyRequested,
      } as const;
      expect(decodeClientReplicationMessage(encodeStandbyStatusUpdate(status))).toEqual(status);
    }),
  );
  fc.assert(
    fc.property(clocks, uint32s, uint32s, uint32s, (clock, xmin, xminEpoch, catalogXmin) => {
      const feedback = {
        type: "hotStandbyFeedback",
        clock,
        xmin,
        xminEpoch,
        catalogXmin,
        catalogXminEpoch: 0,
      } as const;
      expect(decodeClientReplicationMessage(encodeHotStandbyFeedback(feedback))).toEqual(feedback);
    }),
  );
});

describe("the header of an XLogData is read without the message", () => {
  test("and agrees with the whole message", () => {
    fc.assert(
      fc.property(lsns, lsns, clocks, fc.uint8Array({ maxLength: 8 }), (walStart, walEnd, clock, data) => {
        const message = encodeXLogData({ walStart, walEnd, clock, data });
        expect(isXLogData(message)).toBe(true);
        expect(readXLogDataStart(message)).toBe(walStart);
        expect(readXLogDataEnd(message)).toBe(walEnd);
        expect(message.subarray(X_LOG_DATA_HEADER_BYTES)).toEqual(Buffer.from(data));
      }),
    );
  });

  test("also amidst other bytes, and ends where it is said to end", () => {
    const message = encodeXLogData({ walStart: lsn(3n), walEnd: lsn(4n), clock: 0n, data: bytes() });
    const slab = Buffer.concat([Buffer.from([1, 2]), message, message]);
    expect(isXLogData(slab, 2, 2 + message.length)).toBe(true);
    expect(isXLogData(slab, 1, 2 + message.length)).toBe(false);
    expect([readXLogDataStart(slab, 2), readXLogDataEnd(slab, 2)]).toEqual([3n, 4n]);
    expect(() => isXLogData(slab, 2, 26)).toThrow(expect.objectContaining({ code: "message_truncated", offset: 24 }));
  });

  test("another message is none, an empty one too", () => {
    const zero = lsn(0n);
    expect(isXLogData(encodePrimaryKeepalive({ walEnd: zero, clock: 0n, replyRequested: false }))).toBe(false);
    expect(isXLogData(bytes())).toBe(false);
  });

  test("one that is cut inside its header is refused", () => {
    const whole = encodeXLogData({ walStart: lsn(1n), walEnd: lsn(1n), clock: 0n, data: bytes() });
    expect(isXLogData(whole)).toBe(true);
    for (let length = 1; length < whole.length; length++) {
      expect(() => isXLogData(whole.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "message_truncated", offset: length }),
      );
    }
  });
});

const zero = lsn(0n);
const samples = [
  {
    name: "XLogData",
    message: encodeXLogData({ walStart: zero, walEnd: zero, clock: 0n, data: bytes() }),
    decoders: [decodeXLogData, decodeServerReplicationMessage],
  },
  {
    name: "primary keepalive",
    message: encodePrimaryKeepalive({ walEnd: zero, clock: 0n, replyRequested: false }),
    decoders: [decodePrimaryKeepalive, decodeServerReplicationMessage],
  },
  {
    name: "standby status update",
    message: encodeStandbyStatusUpdate({
      written: zero,
      flushed: zero,
      applied: zero,
      clock: 0n,
      replyRequested: false,
    }),
    decoders: [decodeStandbyStatusUpdate, decodeClientReplicationMessage],
  },
  {
    name: "hot standby feedback",
    message: encodeHotStandbyFeedback({ clock: 0n, xmin: 0, xminEpoch: 0, catalogXmin: 0, catalogXminEpoch: 0 }),
    decoders: [decodeHotStandbyFeedback, decodeClientReplicationMessage],
  },
] as const;

describe.each(samples)("$name", ({ message, decoders }) => {
  test("cut short anywhere is refused with an offset", () => {
    for (const decode of decoders) {
      for (let length = 0; length < message.length; length++) {
        expect(() => decode(message.subarray(0, length))).toThrow(
          expect.objectContaining({ name: "ProtocolError", code: "message_truncated", offset: expect.any(Number) }),
        );
      }
    }
  });

  test("is not taken for another message", () => {
    for (const decode of decoders) {
      expect(() => decode(bytes([0x7a], message.subarray(1)))).toThrow(
        expect.objectContaining({ code: "message_unknown", offset: 0 }),
      );
    }
  });
});

// An XLogData has no end of its own: its payload is what is left.
test.each(samples.filter(({ name }) => name !== "XLogData"))(
  "$name with a byte too many is refused",
  ({ message, decoders }) => {
    for (const decode of decoders) {
      expect(() => decode(bytes(message, [0]))).toThrow(
        expect.objectContaining({ code: "message_oversized", offset: message.length }),
      );
    }
  },
);

test("what a client sends is refused from a server, and the other way round", () => {
  const unknown = expect.objectContaining({ code: "message_unknown", offset: 0 });
  for (const { message, decoders } of samples) {
    const other = decoders.includes(untyped(decodeServerReplicationMessage))
      ? decodeClientReplicationMessage
      : decodeServerReplicationMessage;
    expect(() => other(message)).toThrow(unknown);
  }
});

describe("values that do not fit are refused", () => {
  const update = { written: zero, flushed: zero, applied: zero, clock: 0n, replyRequested: false };

  test.each(["written", "flushed", "applied"])("a negative, a JS number and nothing for %s", (field) => {
    for (const value of [-1n, 2n ** 64n, 5, undefined]) {
      expect(() => encodeStandbyStatusUpdate({ ...update, [field]: untyped<Lsn>(value) })).toThrow(
        expect.objectContaining({ code: "lsn_out_of_range" }),
      );
    }
  });

  test("a clock beyond 64 bits or of milliseconds as a JS number", () => {
    for (const clock of [2n ** 63n, -(2n ** 63n) - 1n, untyped<bigint>(Number.MAX_SAFE_INTEGER)]) {
      expect(() => encodeStandbyStatusUpdate({ ...update, clock })).toThrow(
        expect.objectContaining({ code: "clock_out_of_range" }),
      );
    }
  });

  test.each([-1, 2 ** 32, 1.5, Number.NaN])("%d as a transaction id", (xmin) => {
    const feedback = { clock: 0n, xmin, xminEpoch: 0, catalogXmin: 0, catalogXminEpoch: 0 };
    expect(() => encodeHotStandbyFeedback(feedback)).toThrow(ProtocolError);
  });
});

test("random bytes give a message or a ProtocolError", () => {
  fc.assert(
    fc.property(fc.constantFrom(0x77, 0x6b, 0x72, 0x68, 0x20), fc.uint8Array({ maxLength: 40 }), (tag, rest) => {
      for (const decode of [decodeServerReplicationMessage, decodeClientReplicationMessage]) {
        try {
          decode(bytes([tag], rest));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }
    }),
    { numRuns: 300 },
  );
});
