import { describe, expect, test } from "vitest";
import { goldens } from "../../test/goldens.ts";
import {
  deleteMessage,
  insertMessage,
  relationMessage,
  unchanged,
  updateMessage,
} from "../../test/synthetic-messages.ts";
import { ProtocolError } from "../protocol-error.ts";
import type { DecodedMessage } from "./change.ts";
import { createChangeDecoder } from "./change-decoder.ts";
import { defaultTypes } from "./default-types.ts";
import { unchangedToast } from "./row.ts";
import { overrideTypes } from "./type-parsers.ts";

const JSONB = 3802;
const INT4 = 23;
const documents = relationMessage(1, [
  ["id", INT4, true],
  ["data", JSONB],
]);

function decoderOf(...relations: readonly Uint8Array[]) {
  const decoder = createChangeDecoder({ deferJson: true });
  for (const relation of relations) decoder.decode(relation);
  return decoder;
}

const rowOf = (message: DecodedMessage): unknown => ("new" in message ? message.new : undefined);

function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail.");
}

describe("deferJson", () => {
  test("leaves the text until complete(), and says how many values there are", () => {
    const decoder = decoderOf(documents);
    const messages = [1, 2, 3].map((id) => decoder.decode(insertMessage(1, [String(id), `{"n": ${id}}`])));
    expect(decoder.pending).toBe(3);
    expect(messages.map(rowOf)[1]).toEqual({ id: 2, data: '{"n": 2}' });
    decoder.complete();
    expect(decoder.pending).toBe(0);
    expect(messages.map(rowOf)).toEqual([1, 2, 3].map((id) => ({ id, data: { n: id } })));
    expect(Object.keys(rowOf(messages[0] as DecodedMessage) as object)).toEqual(["id", "data"]);
  });

  test("puts off old rows too, and neither NULL nor what was not sent", () => {
    const decoder = decoderOf(documents);
    const update = decoder.decode(updateMessage(1, ["O", ["1", "[1]"]], ["1", unchanged]));
    expect(decoder.pending).toBe(1);
    const removal = decoder.decode(deleteMessage(1, "O", ["1", null]));
    expect(decoder.pending).toBe(1);
    decoder.complete();
    expect(update).toMatchObject({ old: { row: { id: 1, data: [1] } }, new: { data: unchangedToast } });
    expect(removal).toMatchObject({ old: { row: { id: 1, data: null } } });
  });

  test("has nothing to do with columns that have another parser", () => {
    const types = overrideTypes(defaultTypes, { [JSONB]: (text: string) => `own ${text}` });
    const decoder = createChangeDecoder({ deferJson: true, types });
    decoder.decode(documents);
    expect(rowOf(decoder.decode(insertMessage(1, ["1", "{}"])))).toEqual({ id: 1, data: "own {}" });
    expect(decoder.pending).toBe(0);
  });

  test("a column called __proto__ stays an own property", () => {
    const decoder = decoderOf(relationMessage(2, [["__proto__", JSONB]]));
    const row = rowOf(decoder.decode(insertMessage(2, ['{"a": 1}']))) as object;
    decoder.complete();
    expect(Object.getOwnPropertyDescriptor(row, "__proto__")?.value).toEqual({ a: 1 });
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  test("what is no JSON fails as it does at once: the same code, sentence and offset; then nothing goes on", () => {
    const bad = insertMessage(1, ["2", "{nonsense"]);
    const atOnce = createChangeDecoder();
    atOnce.decode(documents);
    const expected = failureOf(() => atOnce.decode(bad)) as ProtocolError;

    const decoder = decoderOf(documents);
    const before = decoder.decode(insertMessage(1, ["1", '{"n": 1}']));
    decoder.decode(bad);
    const error = failureOf(() => decoder.complete()) as ProtocolError;
    expect(error).toBeInstanceOf(ProtocolError);
    expect({ code: error.code, message: error.message, offset: error.offset }).toEqual({
      code: "value_malformed",
      message: expected.message,
      offset: expected.offset,
    });
    expect(rowOf(before)).toEqual({ id: 1, data: { n: 1 } });
    expect(() => decoder.decode(bad)).toThrow(expect.objectContaining({ code: "decoder_failed" }));
    expect(() => decoder.complete()).toThrow(expect.objectContaining({ code: "decoder_failed" }));
    decoder.reset();
    decoder.complete();
    expect(decoder.pending).toBe(0);
  });

  test.each([
    ["two values in one", ["1, 2"]],
    ["an array that never ends", ["1", "[1", "2"]],
    ["nothing", ["1", ""]],
    ["a value and what follows none", ["1", "2]", "3"]],
  ])("what is no JSON is none, also where the values before and after might make up for it: %s", (_what, texts) => {
    const decoder = decoderOf(documents);
    for (const text of texts) decoder.decode(insertMessage(1, ["1", text]));
    expect(() => decoder.complete()).toThrow(expect.objectContaining({ code: "value_malformed" }));
  });

  test("gives each row its own value, long and short, of any number of columns, tables and rows", () => {
    const pair = relationMessage(3, [
      ["one", JSONB],
      ["two", JSONB],
    ]);
    const decoder = decoderOf(documents, pair);
    const value = (index: number): unknown => ({ index, filling: "é€😀\\".repeat(index % 7 === 0 ? 200 : index % 5) });
    const texts = Array.from({ length: 100 }, (_, index) => JSON.stringify(value(index)));
    const decoded = texts.map((text, index) =>
      decoder.decode(index % 3 === 0 ? insertMessage(3, [text, text]) : insertMessage(1, [String(index), text])),
    );
    decoder.complete();
    expect(decoded.map(rowOf)).toEqual(
      texts.map((_, index) =>
        index % 3 === 0 ? { one: value(index), two: value(index) } : { id: index, data: value(index) },
      ),
    );
  });

  test("values of one complete() are parsed together only while they are short", () => {
    for (const length of [500, 600]) {
      const decoder = decoderOf(documents);
      const rows = [1, 2, 3].map((id) =>
        rowOf(decoder.decode(insertMessage(1, [String(id), `"${"x".repeat(length)}"`]))),
      );
      decoder.complete();
      expect(rows).toEqual([1, 2, 3].map((id) => ({ id, data: "x".repeat(length) })));
    }
  });

  test("reset() forgets what was put off", () => {
    const decoder = decoderOf(documents);
    const row = rowOf(decoder.decode(insertMessage(1, ["1", "{}"])));
    decoder.reset();
    expect(decoder.pending).toBe(0);
    decoder.complete();
    expect(row).toEqual({ id: 1, data: "{}" });
  });

  test("without it nothing is ever pending", () => {
    const decoder = createChangeDecoder();
    decoder.decode(documents);
    expect(rowOf(decoder.decode(insertMessage(1, ["1", "{}"])))).toEqual({ id: 1, data: {} });
    expect(decoder.pending).toBe(0);
    decoder.complete();
  });

  test("gives the same as decoding at once for all that real servers sent", () => {
    let putOff = 0;
    for (const { messages } of goldens) {
      const [atOnce, later] = [createChangeDecoder(), createChangeDecoder({ deferJson: true })];
      const expected = messages.map((bytes) => atOnce.decode(bytes));
      const decoded = messages.map((bytes) => later.decode(bytes));
      putOff += later.pending;
      later.complete();
      expect(decoded).toEqual(expected);
    }
    expect(putOff).toBeGreaterThan(0);
  });
});
