import { readdirSync, readFileSync } from "node:fs";
import { messageTags, type PgoutputMessage, X_LOG_DATA_HEADER_BYTES } from "../src/index.ts";

/** What a real server sent in one START_REPLICATION; `packages/testing/goldens/capture.ts` wrote it down. */
export interface Golden {
  /** Major version of the server. */
  readonly version: number;
  readonly name: string;
  /** Options of START_REPLICATION. */
  readonly options: Readonly<Record<string, string>>;
  /** The pgoutput messages in order, each a buffer of its own. */
  readonly messages: readonly Buffer[];
  /** The same as XLogData, header included. */
  readonly xLogData: readonly Buffer[];
}

interface Index {
  readonly scenarios: Readonly<Record<string, { readonly options: Readonly<Record<string, string>> }>>;
}

const directory = new URL("goldens/", import.meta.url);

/** The major versions there are goldens of. */
export const goldenVersions: readonly number[] = readdirSync(directory)
  .map(Number)
  .sort((a, b) => a - b);

/** All goldens of all versions. */
export const goldens: readonly Golden[] = goldenVersions.flatMap((version) => {
  const { scenarios }: Index = JSON.parse(readGoldenFile(version, "index.json").toString());
  return Object.entries(scenarios).map(([name, { options }]) => {
    const xLogData = payloads(readGoldenFile(version, `${name}.bin`));
    return {
      version,
      name,
      options,
      xLogData,
      messages: xLogData.map((data) => data.subarray(X_LOG_DATA_HEADER_BYTES)),
    };
  });
});

/** The golden of this name from this version. */
export function golden(version: number, name: string): Golden {
  const found = goldens.find((one) => one.version === version && one.name === name);
  if (found === undefined) throw new Error(`There is no golden ${version}/${name}`);
  return found;
}

/** A file as it was captured. */
export function readGoldenFile(version: number, file: string): Buffer {
  return readFileSync(new URL(`${version}/${file}`, directory));
}

/** The kind a golden message is, by its first letter. */
export function kindOf(message: Uint8Array): PgoutputMessage["kind"] {
  const letter = String.fromCharCode(message[0] ?? 0);
  for (const [kind, tag] of Object.entries(messageTags)) {
    if (tag === letter) return kind as PgoutputMessage["kind"];
  }
  throw new Error(`No kind has the letter ${letter}`);
}

/** The payloads of CopyData frames that stand one after the other; each is copied, so that a read past its end is seen. */
function payloads(frames: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = at + 1 + frames.readInt32BE(at + 1);
    found.push(exactCopy(frames.subarray(at + 5, end)));
    at = end;
  }
  return found;
}

/** A buffer with memory of its own that ends where it ends. */
export function exactCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
