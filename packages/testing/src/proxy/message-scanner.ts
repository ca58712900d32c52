/** How far {@link MessageScanner.advance} got: bytes used, and the tag of the message that ended there, if one did. */
export interface Advance {
  readonly used: number;
  /** Its letter; `"?"` for the messages that have none. Absent: no message has ended. */
  readonly ended?: string;
}

const encryptionCodes = [80_877_103, 80_877_104]; // SSLRequest, GSSENCRequest
const untagged = "?";

/** What both directions of one connection must know of each other. */
export interface Conversation {
  /** Requests for encryption whose one-byte answer is still to come. */
  unanswered: number;
  /** Encrypted from here on: no message can be told from another. */
  opaque: boolean;
}

/** Finds the ends of messages in one direction of a connection, however the bytes are cut. It keeps no bodies. */
export class MessageScanner {
  readonly #from: "client" | "server";
  readonly #conversation: Conversation;
  #started: boolean;
  #head: number[] = [];
  /** Bytes of the current message still to come; undefined while its head is incomplete. */
  #left: number | undefined;
  #tag = untagged;

  constructor(from: "client" | "server", conversation: Conversation) {
    this.#from = from;
    this.#conversation = conversation;
    this.#started = from === "server";
  }

  /** Reads on until a message ends or the bytes do. Under encryption it uses them all and sees nothing. */
  advance(bytes: Uint8Array): Advance {
    if (this.#conversation.opaque) return { used: bytes.length };
    let used = 0;
    while (used < bytes.length || this.#left === 0) {
      if (this.#left !== undefined) {
        const taken = Math.min(this.#left, bytes.length - used);
        used += taken;
        this.#left -= taken;
        if (this.#left > 0) break;
        this.#left = undefined;
        return { used, ended: this.#tag };
      }
      this.#head.push(bytes[used] ?? 0);
      used += 1;
      if (this.#isAnswer()) return { used, ended: untagged };
      this.#readHead();
    }
    return { used };
  }

  /** The server's one-byte answer to a request for encryption. */
  #isAnswer(): boolean {
    const letter = String.fromCharCode(this.#head[0] ?? 0);
    if (this.#from === "client" || this.#conversation.unanswered === 0 || !"SGN".includes(letter)) return false;
    this.#conversation.unanswered -= 1;
    this.#conversation.opaque = letter !== "N";
    this.#head = [];
    return true;
  }

  /** Once the head is whole, its length says how much more there is. Untagged heads are read up to their code. */
  #readHead(): void {
    if (this.#head.length < (this.#started ? 5 : 8)) return;
    const head = Buffer.from(this.#head);
    this.#head = [];
    if (this.#started) {
      this.#tag = head.toString("latin1", 0, 1);
      this.#left = Math.max(0, head.readUInt32BE(1) - 4);
      return;
    }
    this.#left = Math.max(0, head.readUInt32BE(0) - 8);
    if (encryptionCodes.includes(head.readUInt32BE(4))) this.#conversation.unanswered += 1;
    else this.#started = true;
  }
}
