import { sink } from "./sink.ts";

const PAYLOAD = 25;
const COLUMNS = PAYLOAD + 6;
const TEXT = 0x74;

/** Makes every column of an Insert a string; parses one of them as JSON, where `jsonColumn` says which. */
export function readInsertTexts(payload: Buffer, jsonColumn: number | undefined): void {
  const count = payload.readUInt16BE(COLUMNS);
  let at = COLUMNS + 2;
  for (let index = 0; index < count; index += 1) {
    if (payload[at] !== TEXT) throw new Error("The yardstick reads columns that are sent as text, and no others.");
    const from = at + 5;
    at = from + payload.readUInt32BE(at + 1);
    const text = payload.toString("utf8", from, at);
    sink.last = index === jsonColumn ? JSON.parse(text) : text;
  }
}
