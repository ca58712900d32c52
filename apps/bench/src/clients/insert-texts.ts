const PAYLOAD = 25;
const COLUMNS = PAYLOAD + 6;
const TEXT = 0x74;

let kept: unknown; // keeps a result alive, so that nothing is optimised away

/** Makes every column of an Insert a string; parses one of them as JSON, where `jsonColumn` says which. */
export function readInsertTexts(payload: Buffer, jsonColumn: number | undefined): void {
  const count = payload.readUInt16BE(COLUMNS);
  let at = COLUMNS + 2;
  for (let index = 0; index < count; index += 1) {
    if (payload[at] !== TEXT) throw new Error("The yardstick reads columns that are sent as text, and no others.");
    const from = at + 5;
    at = from + payload.readUInt32BE(at + 1);
    const text = payload.toString("utf8", from, at);
    kept = index === jsonColumn ? JSON.parse(text) : text;
  }
}

/** The last value read: it must be used somewhere. */
export function lastText(): unknown {
  return kept;
}
