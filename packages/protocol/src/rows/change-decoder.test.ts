import { describe, expect, test } from "vitest";
import { goldens } from "../../test/goldens.ts";
import {
  deleteMessage,
  insertMessage,
  relationMessage,
  streamAbort,
  streamCommit,
  streamPrepare,
  streamStart,
  streamStop,
  unchanged,
  updateMessage,
} from "../../test/synthetic-messages.ts";
import { ProtocolError } from "../protocol-error.ts";
import type { DecodedMessage } from "./change.ts";
import { type ChangeDecoder, type ChangeDecoderOptions, createChangeDecoder } from "./change-decoder.ts";
import { defaultTypes } from "./default-types.ts";
import { unchangedToast } from "./row.ts";
import { overrideTypes } from "./type-parsers.ts";

const plain = relationMessage(1, [
  ["id", 23, true],
  ["word", 25],
]);
const wider = (xid?: number) =>
  relationMessage(
    1,
    [
      ["id", 23, true],
      ["word", 25],
      ["extra", 16],
    ],
    xid === undefined ? {} : { xid },
  );

function decoderAfter(messages: readonly Uint8Array[], options?: ChangeDecoderOptions): ChangeDecoder {
  const decoder = createChangeDecoder(options);
  for (const message of messages) decoder.decode(message);
  return decoder;
}

function newRow(message: DecodedMessage): unknown {
  return "new" in message ? message.new : undefined;
}

function failureOf(run: () => unknown): ProtocolError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}

describe("rows", () => {
  test("are plain objects with the columns in the table's order", () => {
    const row = newRow(decoderAfter([plain]).decode(insertMessage(1, ["7", null])));
    expect(row).toEqual({ id: 7, word: null });
    expect(Object.keys(row as object)).toEqual(["id", "word"]);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  test("have what the update did not send as unchangedToast, never as undefined or null", () => {
    const row = newRow(decoderAfter([plain]).decode(updateMessage(1, null, ["7", unchanged])));
    expect(row).toEqual({ id: 7, word: unchangedToast });
  });

  test("do not share anything: changing one leaves the next as it is", () => {
    const decoder = decoderAfter([plain]);
    const first = newRow(decoder.decode(insertMessage(1, ["1", "one"]))) as Record<string, unknown>;
    first["word"] = "changed";
    expect(newRow(decoder.decode(insertMessage(1, ["2", null])))).toEqual({ id: 2, word: null });
  });

  test("own their values: the bytes may be overwritten", () => {
    const relation = relationMessage(1, [
      ["word", 25],
      ["raw", 17],
      ["unknown", 99_999],
    ]);
    const bytes = insertMessage(1, ["word", Buffer.from("raw"), Buffer.from("unknown")]);
    const row = newRow(decoderAfter([relation]).decode(bytes));
    bytes.fill(0);
    expect(row).toEqual({ word: "word", raw: Buffer.from("raw"), unknown: new Uint8Array(Buffer.from("unknown")) });
  });

  test("bear columns with the names of Object's own properties as own properties", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "7"];
    const decoder = decoderAfter([
      relationMessage(
        1,
        names.map((name) => [name, 3802]),
      ),
    ]);
    const row = newRow(
      decoder.decode(
        insertMessage(
          1,
          names.map((name) => JSON.stringify({ name })),
        ),
      ),
    );
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    for (const name of names) {
      expect(Object.getOwnPropertyDescriptor(row, name)?.value).toEqual({ name });
    }
    expect(Object.hasOwn(Object.prototype, "name")).toBe(false);
  });

  test("of wide tables are like others: own columns in order, nothing shared, keys the identity alone", () => {
    const columns = Array.from({ length: 40 }, (_, index): [string, number, boolean] => [`c"${index}`, 23, index < 2]);
    const decoder = decoderAfter([relationMessage(1, columns)]);
    const values = columns.map((_, index) => (index === 39 ? null : String(index)));
    const first = newRow(decoder.decode(insertMessage(1, values))) as Record<string, unknown>;
    first['c"0'] = "changed";
    const second = newRow(decoder.decode(insertMessage(1, values)));
    expect(Object.entries(second as object)).toEqual(columns.map(([name], at) => [name, at === 39 ? null : at]));
    expect(Object.getPrototypeOf(second)).toBe(Object.prototype);
    const key = columns.map((_, index) => (index < 2 ? "7" : null));
    expect(decoder.decode(deleteMessage(1, "K", key))).toMatchObject({ old: { row: { 'c"0': 7, 'c"1': 7 } } });
  });

  test("of a key hold the columns of the replica identity alone", () => {
    const decoder = decoderAfter([plain]);
    expect(decoder.decode(deleteMessage(1, "K", ["7", null]))).toMatchObject({ old: { type: "key", row: { id: 7 } } });
    const update = decoder.decode(updateMessage(1, ["K", ["7", null]], ["8", "eight"]));
    expect(update).toMatchObject({ old: { type: "key" }, new: { id: 8, word: "eight" } });
    expect("old" in update && update.old !== null && Object.keys(update.old.row)).toEqual(["id"]);
  });

  test("as they were come whole under replica identity full", () => {
    const decoder = decoderAfter([plain]);
    expect(decoder.decode(deleteMessage(1, "O", ["7", null]))).toMatchObject({
      old: { type: "full", row: { id: 7, word: null } },
    });
  });

  test("take their bytes from any Uint8Array", () => {
    const bytes = new Uint8Array(insertMessage(1, ["7", "é"]));
    expect(newRow(decoderAfter([plain]).decode(bytes))).toEqual({ id: 7, word: "é" });
  });
});

describe("a message amidst other bytes", () => {
  test("is decoded as by itself: all that real servers sent", () => {
    for (const { messages } of goldens) {
      const [alone, amidst] = [createChangeDecoder(), createChangeDecoder()];
      const slab = Buffer.concat(messages);
      let at = 0;
      for (const message of messages) {
        expect(amidst.decode(slab, at, at + message.length)).toEqual(alone.decode(message));
        at += message.length;
      }
    }
  });

  test("can't end beyond the bytes: a value is never cut short", () => {
    for (const message of [insertMessage(1, ["7", "word"]), relationMessage(2, [["id", 23, true]])]) {
      const failure = failureOf(() => decoderAfter([plain]).decode(message.subarray(0, -1), 0, message.length));
      expect(failure).toMatchObject({ code: "message_truncated", offset: message.length - 1 });
    }
  });

  test("ends where it is said to end: nothing is read beyond, and errors are the same, so much further on", () => {
    const before = Buffer.from("before");
    const messages = [
      insertMessage(1, ["7", "word"]),
      updateMessage(1, ["K", ["7", null]], ["8", unchanged]),
      deleteMessage(1, "O", ["7", "word"]),
      relationMessage(2, [["id", 23, true]]),
    ];
    for (const message of messages) {
      const slab = Buffer.concat([before, message, message]);
      for (let length = 1; length < message.length; length++) {
        const alone = failureOf(() => decoderAfter([plain]).decode(message.subarray(0, length)));
        const amidst = failureOf(() => decoderAfter([plain]).decode(slab, before.length, before.length + length));
        expect(amidst.code).toBe(alone.code);
        expect(amidst.offset).toBe((alone.offset ?? 0) + before.length);
      }
    }
  });
});

describe("relations", () => {
  test("are replaced by a later one with the same id, also in mid-transaction", () => {
    const decoder = decoderAfter([plain]);
    decoder.decode(insertMessage(1, ["1", "one"]));
    decoder.decode(wider());
    expect(newRow(decoder.decode(insertMessage(1, ["2", "two", "t"])))).toEqual({ id: 2, word: "two", extra: true });
  });

  test("are the same object in every change until then", () => {
    const decoder = createChangeDecoder();
    const relation = decoder.decode(plain);
    const change = decoder.decode(insertMessage(1, ["1", "one"]));
    expect("relation" in change && change.relation).toBe(relation);
  });

  test("learnt in a stream that is rolled back do not reach the transactions after it", () => {
    const decoder = decoderAfter([plain, streamStart(700), wider(700)]);
    expect(newRow(decoder.decode(insertMessage(1, ["2", "two", "t"], 701)))).toHaveProperty("extra", true);
    for (const message of [streamStop, streamAbort(700, 700)]) decoder.decode(message);
    expect(newRow(decoder.decode(insertMessage(1, ["3", "three"])))).toEqual({ id: 3, word: "three" });
  });

  test("learnt in a stream that is prepared do not hold outside it: the server describes them anew", () => {
    const decoder = decoderAfter([plain, streamStart(700), wider(700), streamStop, streamPrepare(700)]);
    expect(newRow(decoder.decode(insertMessage(1, ["3", "three"])))).toEqual({ id: 3, word: "three" });
    expect(decoder.decode(streamStart(700, false)).kind).toBe("streamStart");
    expect(newRow(decoder.decode(insertMessage(1, ["4", "four"], 700)))).toEqual({ id: 4, word: "four" });
  });

  test("learnt in a stream do not hold outside it before it commits, and do afterwards", () => {
    const decoder = decoderAfter([plain, streamStart(700), wider(700), streamStop]);
    expect(newRow(decoder.decode(insertMessage(1, ["3", "three"])))).toEqual({ id: 3, word: "three" });
    decoder.decode(streamCommit(700));
    expect(newRow(decoder.decode(insertMessage(1, ["4", "four", "f"])))).toHaveProperty("extra", false);
  });

  test("stand in the place of a Truncate's ids", () => {
    const decoder = decoderAfter([plain]);
    expect(decoder.decode(Buffer.from("54000000010300000001", "hex"))).toMatchObject({
      kind: "truncate",
      relations: [{ name: "t" }],
      cascade: true,
      restartIdentity: true,
    });
  });

  test("that never came make relation_unknown, of a row and of a Truncate", () => {
    const unknown = expect.objectContaining({ code: "relation_unknown" });
    expect(() => createChangeDecoder().decode(insertMessage(9, ["1"]))).toThrow(unknown);
    expect(() => createChangeDecoder().decode(Buffer.from("54000000010000000001", "hex"))).toThrow(unknown);
  });

  test("are forgotten by reset", () => {
    const decoder = decoderAfter([plain]);
    decoder.reset();
    expect(() => decoder.decode(insertMessage(1, ["1", "one"]))).toThrow(
      expect.objectContaining({ code: "relation_unknown" }),
    );
  });
});

describe("errors", () => {
  test("of a value name its table, column, type and place, and keep the cause", () => {
    const cause = new RangeError("too odd");
    const types = overrideTypes(defaultTypes, {
      25: () => {
        throw cause;
      },
    });
    const decoder = decoderAfter([plain], { types });
    expect(() => decoder.decode(insertMessage(1, ["1", "odd"]))).toThrow(
      expect.objectContaining({
        code: "value_malformed",
        offset: 19,
        cause,
        message: expect.stringContaining("public.t.word (type 25) could not be parsed: too odd"),
      }),
    );
  });

  test("come of a row with more or fewer columns than its relation", () => {
    for (const values of [["1"], ["1", "one", "more"]]) {
      expect(() => decoderAfter([plain]).decode(insertMessage(1, values))).toThrow(
        expect.objectContaining({ code: "message_malformed" }),
      );
    }
  });

  test("leave the decoder refusing to go on until it is reset", () => {
    const decoder = decoderAfter([plain]);
    expect(() => decoder.decode(insertMessage(1, ["x", "one"]))).toThrow(
      expect.objectContaining({ code: "value_malformed" }),
    );
    expect(() => decoder.decode(insertMessage(1, ["1", "one"]))).toThrow(
      expect.objectContaining({ code: "decoder_failed" }),
    );
    decoder.reset();
    decoder.decode(plain);
    expect(newRow(decoder.decode(insertMessage(1, ["1", "one"])))).toEqual({ id: 1, word: "one" });
  });
});
