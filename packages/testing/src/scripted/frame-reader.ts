import { TestingError } from "../errors.ts";
import type { ClientFrame } from "./client-frame.ts";

const maxFrameBytes = 1_073_741_824;
const codes = { cancel: 80_877_102, ssl: 80_877_103, gssEnc: 80_877_104 };

/** Cuts what a client sends into frames: those without a tag until the startup message, tagged ones after it. */
export class FrameReader {
  #pending = Buffer.alloc(0);
  #started = false;
  #chunk = 0;

  /** Takes what one read of the socket brought. @throws TestingError `script_failed` for an impossible length. */
  push(bytes: Uint8Array): ClientFrame[] {
    this.#chunk += 1;
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const frames: ClientFrame[] = [];
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(frame);
    return frames;
  }

  /** Which read the next frame would come with; for frames that are no bytes. */
  get chunk(): number {
    return this.#chunk;
  }

  /** Bytes of a frame that is not complete yet. */
  get rest(): number {
    return this.#pending.length;
  }

  #take(): ClientFrame | undefined {
    const head = this.#started ? 5 : 4;
    if (this.#pending.length < head) return undefined;
    const length = this.#pending.readUInt32BE(head - 4);
    if (length < 4 || length > maxFrameBytes) {
      throw new TestingError("script_failed", `The client sent a frame of length ${length}.`);
    }
    const size = head - 4 + length;
    if (this.#pending.length < size) return undefined;
    const frame = this.#pending.subarray(0, size);
    this.#pending = this.#pending.subarray(size);
    if (this.#started) {
      return { type: "message", tag: frame.toString("latin1", 0, 1), body: frame.subarray(5), chunk: this.#chunk };
    }
    return this.#untagged(frame.subarray(4));
  }

  #untagged(body: Buffer): ClientFrame {
    if (body.length < 4) throw new TestingError("script_failed", "The client's first message has no code.");
    const chunk = this.#chunk;
    const code = body.readUInt32BE(0);
    switch (code) {
      case codes.ssl:
        return { type: "sslRequest", chunk };
      case codes.gssEnc:
        return { type: "gssEncRequest", chunk };
      case codes.cancel:
        return { type: "cancelRequest", pid: body.readInt32BE(4), key: body.subarray(8), chunk };
      default:
        this.#started = true;
        return { type: "startup", version: code, parameters: parseParameters(body.subarray(4)), chunk };
    }
  }
}

/** Names and values in turn, each ended by a zero byte, and one more zero byte at the end. */
function parseParameters(body: Buffer): (readonly [string, string])[] {
  const texts = body.toString("utf8").split("\0").slice(0, -2);
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at < texts.length; at += 2) pairs.push([texts[at] ?? "", texts[at + 1] ?? ""]);
  return pairs;
}
