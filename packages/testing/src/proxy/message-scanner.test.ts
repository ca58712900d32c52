import fc from "fast-check";
import { expect, test } from "vitest";
import { cancelRequest, frontend, sslRequest, startupMessage } from "../../test/raw-client.ts";
import { authenticationOk } from "../backend/authentication.ts";
import { copyData, copyDone } from "../backend/copy.ts";
import { message } from "../backend/message.ts";
import { parameterStatus, readyForQuery } from "../backend/session.ts";
import { type Conversation, MessageScanner } from "./message-scanner.ts";

const plain = (): Conversation => ({ unanswered: 0, opaque: false });

/** The tags found, each with the position where its message ended. */
function scan(scanner: MessageScanner, pieces: readonly Uint8Array[]): string[] {
  const found: string[] = [];
  let position = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const { used, ended } = scanner.advance(piece.subarray(at));
      at += used;
      if (ended !== undefined) found.push(`${ended}${position + at}`);
    }
    position += piece.length;
  }
  return found;
}

test("the end of every message is found, however the stream is cut", () => {
  const messages = [
    authenticationOk(),
    readyForQuery(),
    copyData(""),
    copyData("x".repeat(300)),
    copyDone(),
    message("I"),
  ];
  const stream = Buffer.concat(messages);
  let end = 0;
  const ends = messages.map((one) => {
    end += one.length;
    return `${one.toString("latin1", 0, 1)}${end}`;
  });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (lengths) => {
      const pieces: Buffer[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const length = lengths[turn % lengths.length] ?? 1;
        pieces.push(stream.subarray(at, at + length));
        at += length;
      }
      expect(scan(new MessageScanner("server", plain()), pieces)).toEqual(ends);
    }),
  );
});

test("a client's first messages have no tag", () => {
  const startup = startupMessage({ user: "u" });
  const stream = Buffer.concat([startup, frontend("Q", "SELECT 1\0"), frontend("X")]);
  const query = startup.length + 14;
  expect(scan(new MessageScanner("client", plain()), [stream])).toEqual([
    `?${startup.length}`,
    `Q${query}`,
    `X${query + 5}`,
  ]);
  expect(scan(new MessageScanner("client", plain()), [cancelRequest(1, Buffer.alloc(4))])).toEqual(["?16"]);
});

test("a refusal of TLS is one byte, and what looks the same later is a message", () => {
  const conversation = plain();
  const client = new MessageScanner("client", conversation);
  const server = new MessageScanner("server", conversation);
  expect(scan(client, [sslRequest])).toEqual(["?8"]);
  expect(scan(server, [Buffer.concat([Buffer.from("N"), parameterStatus("a", "b")])])).toEqual(["?1", "S10"]);
  expect(scan(client, [startupMessage({ user: "u" })])).toHaveLength(1);
});

test("after TLS is accepted nothing is taken for a message", () => {
  const conversation = plain();
  scan(new MessageScanner("client", conversation), [sslRequest]);
  const server = new MessageScanner("server", conversation);
  expect(scan(server, [Buffer.concat([Buffer.from("S"), readyForQuery()])])).toEqual(["?1"]);
  expect(conversation.opaque).toBe(true);
});
