/** One complete message of a server: a tag byte, a length that counts itself, a body. */
export type BackendMessage = Buffer;

/** Puts tag and length in front of a body. `tag` is one ASCII letter. */
export function message(tag: string, ...body: readonly Uint8Array[]): BackendMessage {
  const head = Buffer.alloc(5);
  head.write(tag, "latin1");
  head.writeUInt32BE(4 + body.reduce((sum, part) => sum + part.length, 0), 1);
  return Buffer.concat([head, ...body]);
}

/** Text and the zero byte that ends it. */
export const cstring = (text: string): Buffer => Buffer.from(`${text}\0`, "utf8");

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
