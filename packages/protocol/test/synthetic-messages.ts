// pgoutput messages made by hand, for what no server sends on demand: rows without end, bytes that are wrong.

/** A value of a tuple: text, bytes in binary form, SQL NULL, or an unchanged TOASTed value. */
export type SyntheticValue = string | Uint8Array | null | "unchanged-toast";

/** A Relation message: `[name, type OID, key?]` for each column. */
export function relationMessage(
  id: number,
  columns: readonly (readonly [name: string, typeOid: number, key?: boolean])[],
  options: { readonly identity?: string; readonly xid?: number; readonly name?: string } = {},
): Buffer {
  return Buffer.concat([
    Buffer.from("R"),
    prefix(options.xid),
    uint32(id),
    cstring("public"),
    cstring(options.name ?? "t"),
    Buffer.from(options.identity ?? "d"),
    uint16(columns.length),
    ...columns.flatMap(([name, typeOid, key = false]) => [
      Buffer.from([key ? 1 : 0]),
      cstring(name),
      uint32(typeOid),
      uint32(0xffff_ffff),
    ]),
  ]);
}

/** An Insert message. */
export function insertMessage(relationId: number, values: readonly SyntheticValue[], xid?: number): Buffer {
  return Buffer.concat([Buffer.from("I"), prefix(xid), uint32(relationId), tuple("N", values)]);
}

/** An Update message, with an old tuple (`K` or `O`) or without. */
export function updateMessage(
  relationId: number,
  old: readonly ["K" | "O", readonly SyntheticValue[]] | null,
  values: readonly SyntheticValue[],
): Buffer {
  const before = old === null ? Buffer.alloc(0) : tuple(old[0], old[1]);
  return Buffer.concat([Buffer.from("U"), uint32(relationId), before, tuple("N", values)]);
}

/** A Delete message. */
export function deleteMessage(relationId: number, tag: "K" | "O", values: readonly SyntheticValue[]): Buffer {
  return Buffer.concat([Buffer.from("D"), uint32(relationId), tuple(tag, values)]);
}

/** A Stream Start message. */
export function streamStart(xid: number, first = true): Buffer {
  return Buffer.concat([Buffer.from("S"), uint32(xid), Buffer.from([first ? 1 : 0])]);
}

/** A Stream Stop message. */
export const streamStop = Buffer.from("E");

/** A Stream Commit message. */
export function streamCommit(xid: number): Buffer {
  return Buffer.concat([Buffer.from("c"), uint32(xid), Buffer.alloc(25)]);
}

/** A Stream Prepare message. */
export function streamPrepare(xid: number): Buffer {
  return Buffer.concat([Buffer.from("p"), Buffer.alloc(25), uint32(xid), cstring("gid")]);
}

/** A Stream Abort message of protocol 2. */
export function streamAbort(xid: number, subxid: number): Buffer {
  return Buffer.concat([Buffer.from("A"), uint32(xid), uint32(subxid)]);
}

/** What stands in a tuple for {@link SyntheticValue} `unchanged-toast`. */
export const unchanged = "unchanged-toast";

function tuple(tag: string, values: readonly SyntheticValue[]): Buffer {
  return Buffer.concat([Buffer.from(tag), uint16(values.length), ...values.map(column)]);
}

function column(value: SyntheticValue): Buffer {
  if (value === null) return Buffer.from("n");
  if (value === unchanged) return Buffer.from("u");
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from(typeof value === "string" ? "t" : "b"), uint32(bytes.length), bytes]);
}

function prefix(xid: number | undefined): Buffer {
  return xid === undefined ? Buffer.alloc(0) : uint32(xid);
}

function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
