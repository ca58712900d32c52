import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createChangeDecoder, createPgoutputDecoder, ProtocolError } from "../src/index.ts";
import { exactCopy, goldens } from "./goldens.ts";

interface Decoder {
  decode(bytes: Uint8Array): unknown;
}

const decoders: Readonly<Record<string, () => Decoder>> = {
  createPgoutputDecoder,
  createChangeDecoder: () => createChangeDecoder(),
};

/** A decoder that has seen these messages. */
function decoderAfter(create: () => Decoder, before: readonly Uint8Array[]): Decoder {
  const decoder = create();
  for (const message of before) decoder.decode(message);
  return decoder;
}

/** Those of the messages that a decoder remembers something of. */
function needed(messages: readonly Buffer[]): readonly Buffer[] {
  return messages.filter((message) => "RSEcAp".includes(String.fromCharCode(message[0] ?? 0)));
}

/** Lengths to cut a message to: all of a short one; of a long one those near its ends, and some between. */
function cuts(message: Buffer): readonly number[] {
  const near = 30;
  const step = Math.ceil(message.length / 40);
  return Array.from(message.keys()).filter(
    (length) =>
      (length < near || length > message.length - near || length % step === 0) &&
      // cut after its xids, a Stream Abort of protocol 4 is a whole one of protocol 2
      !(message[0] === 0x41 && length === 9),
  );
}

/** What decoding answers, or the error it throws; anything but a ProtocolError fails the test. */
function outcome(decoder: Decoder, bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

/** A message of a golden, with as much of the golden before it as it needs. */
const places = goldens.flatMap((golden) => golden.messages.map((_, index) => ({ golden, index })));
const anyPlace = fc.constantFrom(...places);
const runs = { numRuns: 300 };

describe.each(Object.entries(decoders))("%s", (_name, create) => {
  test.each(goldens)(
    "of $version/$name, every message cut short anywhere is an error, and never a message",
    (golden) => {
      for (const [index, message] of golden.messages.entries()) {
        const before = needed(golden.messages.slice(0, index));
        const accepted = cuts(message).filter((length) => {
          const result = outcome(decoderAfter(create, before), exactCopy(message.subarray(0, length)));
          const refused = result instanceof ProtocolError && result.code === "message_truncated";
          return !refused || (result.offset ?? length + 1) > length;
        });
        expect(accepted, `lengths of message ${index} (${message.length} bytes) that were not refused`).toEqual([]);
      }
    },
  );

  test("a message with bytes after its end is an error", () => {
    fc.assert(
      fc.property(anyPlace, fc.uint8Array({ minLength: 1, maxLength: 30 }), ({ golden, index }, extra) => {
        const message = golden.messages[index] ?? Buffer.alloc(0);
        // A Stream Abort of protocol 2 with 16 bytes more is one of protocol 4.
        fc.pre(!(message[0] === 0x41 && message.length === 9));
        const result = outcome(
          decoderAfter(create, needed(golden.messages.slice(0, index))),
          exactCopy(Buffer.concat([message, extra])),
        );
        expect(result).toMatchObject({ code: "message_oversized", offset: message.length });
      }),
      runs,
    );
  });

  test("bytes that were changed anywhere give a message or a ProtocolError, and nothing else", () => {
    const changes = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(anyPlace, changes, ({ golden, index }, edits) => {
        const bytes = exactCopy(golden.messages[index] ?? Buffer.alloc(0));
        for (const { at, to } of edits) bytes[at % bytes.length] = to;
        outcome(decoderAfter(create, needed(golden.messages.slice(0, index))), bytes);
      }),
      runs,
    );
  });

  test("messages that are missing, doubled or swapped give messages or a ProtocolError, and nothing else", () => {
    fc.assert(
      fc.property(fc.constantFrom(...goldens), fc.array(fc.nat(), { maxLength: 60 }), ({ messages }, picks) => {
        const decoder = create();
        for (const pick of picks) outcome(decoder, messages[pick % messages.length] ?? Buffer.alloc(0));
      }),
      runs,
    );
  });

  test("bytes that are no message at all give a ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        fc.pre(!"BCOMRYIUDTSEcAbPKrp".includes(String.fromCharCode(bytes[0] ?? 0)) || bytes.length === 0);
        const error = outcome(create(), exactCopy(bytes));
        expect(error).toBeInstanceOf(ProtocolError);
      }),
      runs,
    );
  });
});
