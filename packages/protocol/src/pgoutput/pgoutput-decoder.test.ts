import { describe, expect, test } from "vitest";
import {
  deleteMessage,
  insertMessage,
  relationMessage,
  streamAbort,
  streamCommit,
  streamStart,
  streamStop,
  unchanged,
  updateMessage,
} from "../../test/synthetic-messages.ts";
import { createPgoutputDecoder } from "./pgoutput-decoder.ts";

/** The error that decoding these messages in turn ends in. */
function errorOf(...messages: readonly Uint8Array[]): unknown {
  const decoder = createPgoutputDecoder();
  try {
    for (const message of messages) decoder.decode(message);
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("a stream", () => {
  test("prefixes its messages with an xid between Stream Start and Stream Stop, and nowhere else", () => {
    const decoder = createPgoutputDecoder();
    expect(decoder.decode(insertMessage(1, ["a"]))).toMatchObject({ xid: null, relationId: 1 });
    decoder.decode(streamStart(700));
    expect(decoder.streamXid).toBe(700);
    expect(decoder.decode(insertMessage(1, ["a"], 701))).toMatchObject({ xid: 701, relationId: 1 });
    expect(decoder.decode(streamStop)).toEqual({ kind: "streamStop", xid: 700 });
    expect(decoder.streamXid).toBeNull();
    expect(decoder.decode(insertMessage(1, ["a"]))).toMatchObject({ xid: null, relationId: 1 });
  });

  test("is forgotten by reset, as it breaks off in mid-chunk when the connection does", () => {
    const decoder = createPgoutputDecoder();
    decoder.decode(streamStart(700));
    decoder.reset();
    expect(decoder.streamXid).toBeNull();
    expect(decoder.decode(insertMessage(1, ["a"]))).toMatchObject({ xid: null });
  });

  test.each([
    ["another Stream Start", streamStart(701)],
    ["a Stream Commit", streamCommit(700)],
    ["a Stream Abort", streamAbort(700, 700)],
    ["a Commit", Buffer.concat([Buffer.from("C"), Buffer.alloc(25)])],
  ])("cannot have %s inside", (_what, message) => {
    expect(errorOf(streamStart(700), message)).toMatchObject({ code: "message_malformed", offset: 0 });
  });

  test("cannot stop where none has started", () => {
    expect(errorOf(streamStop)).toMatchObject({ code: "message_malformed", offset: 0 });
  });
});

describe("tuples", () => {
  test("tell null, unchanged TOAST, text and binary apart", () => {
    const message = createPgoutputDecoder().decode(insertMessage(1, [null, unchanged, "text", Buffer.from([1, 2])]));
    expect(message).toMatchObject({
      new: [
        { kind: "null" },
        { kind: "unchanged" },
        { kind: "text", bytes: Buffer.from("text") },
        { kind: "binary", bytes: Buffer.from([1, 2]) },
      ],
    });
  });

  test("are views of the message: nothing is copied", () => {
    const bytes = insertMessage(1, ["text"]);
    const message = createPgoutputDecoder().decode(bytes);
    bytes.write("TEXT", bytes.length - 4);
    expect(message).toMatchObject({ new: [{ kind: "text", bytes: Buffer.from("TEXT") }] });
  });

  test("of old rows are told by their letter", () => {
    const decoder = createPgoutputDecoder();
    expect(decoder.decode(updateMessage(1, null, ["a"]))).toMatchObject({ old: null });
    expect(decoder.decode(updateMessage(1, ["K", ["k"]], ["a"]))).toMatchObject({ old: { type: "key" } });
    expect(decoder.decode(updateMessage(1, ["O", ["o"]], ["a"]))).toMatchObject({ old: { type: "full" } });
    expect(decoder.decode(deleteMessage(1, "K", ["k"]))).toMatchObject({ old: { type: "key" } });
    expect(decoder.decode(deleteMessage(1, "O", ["o"]))).toMatchObject({ old: { type: "full" } });
  });
});

describe("bytes that break the protocol", () => {
  const zeros = (letter: string, count: number) => Buffer.concat([Buffer.from(letter), Buffer.alloc(count)]);
  const withByte = (message: Buffer, at: number, byte: number) => {
    const changed = Buffer.from(message);
    changed[at] = byte;
    return changed;
  };
  const relation = relationMessage(1, [["a", 23]]);

  test.each([
    ["flags in a Commit", withByte(zeros("C", 25), 1, 1), 1],
    ["flags in a Stream Commit", withByte(zeros("c", 29), 5, 1), 5],
    ["flags in a Prepare", withByte(zeros("P", 30), 1, 1), 1],
    ["flags in a Stream Prepare", withByte(zeros("p", 30), 1, 1), 1],
    ["flags in a Commit Prepared", withByte(zeros("K", 30), 1, 1), 1],
    ["flags in a Rollback Prepared", withByte(zeros("r", 38), 1, 1), 1],
    ["unknown flags in a Message", withByte(zeros("M", 14), 1, 2), 1],
    ["a content of negative length", withByte(zeros("M", 14), 11, 0x80), 15],
    ["unknown flags in a Truncate", withByte(zeros("T", 5), 5, 4), 5],
    ["unknown flags of a column", withByte(relation, relation.length - 11, 2), relation.length - 11],
    ["an unknown replica identity", withByte(relation, 14, 0x78), 14],
    ["a Stream Start that is neither first nor not", withByte(streamStart(1), 5, 2), 5],
    ["a column of an unknown kind", withByte(insertMessage(1, [null]), 8, 0x78), 8],
    ["a column of negative length", withByte(insertMessage(1, ["a"]), 9, 0x80), 13],
    ["an Insert of an old row", withByte(insertMessage(1, ["a"]), 5, 0x4f), 5],
    ["an Update without a new row", withByte(updateMessage(1, null, ["a"]), 5, 0x58), 5],
    ["an Update of two old rows", withByte(updateMessage(1, ["K", ["a"]], ["a"]), 14, 0x4b), 14],
    ["a Delete of a new row", withByte(deleteMessage(1, "K", ["a"]), 5, 0x4e), 5],
  ])("%s: message_malformed, and where", (_what, message, offset) => {
    expect(errorOf(message)).toMatchObject({ name: "ProtocolError", code: "message_malformed", offset });
  });

  test("a letter that begins no message: message_unknown", () => {
    expect(errorOf(Buffer.from("x"))).toMatchObject({ code: "message_unknown", offset: 0 });
  });

  test("nothing at all: message_truncated", () => {
    expect(errorOf(Buffer.alloc(0))).toMatchObject({ code: "message_truncated", offset: 0 });
  });

  test("a Truncate of four thousand million relations ends where its bytes do", () => {
    expect(errorOf(Buffer.from("54ffffffff0000000001", "hex"))).toMatchObject({ code: "message_truncated" });
  });

  test("offsets count from the first byte, also when the message starts later", () => {
    const decoder = createPgoutputDecoder();
    const bytes = Buffer.concat([Buffer.alloc(25), Buffer.from("x")]);
    expect(() => decoder.decode(bytes, 25)).toThrow(expect.objectContaining({ code: "message_unknown", offset: 25 }));
  });

  test("a decoder that has thrown refuses to go on, naming the cause, until it is reset", () => {
    const decoder = createPgoutputDecoder();
    expect(() => decoder.decode(Buffer.from("x"))).toThrow();
    const refusal = expect.objectContaining({
      code: "decoder_failed",
      cause: expect.objectContaining({ code: "message_unknown" }),
    });
    expect(() => decoder.decode(insertMessage(1, ["a"]))).toThrow(refusal);
    decoder.reset();
    expect(decoder.decode(insertMessage(1, ["a"])).kind).toBe("insert");
  });
});
