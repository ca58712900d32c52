import { randomBytes } from "node:crypto";
import { open, readFile, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { type Checkpoint, type CheckpointStore, formatCheckpoint, ofSlot, parseCheckpoint } from "./checkpoint.ts";

/** Options of {@link fileCheckpoint}. */
export interface FileCheckpointOptions {
  /** The file; its directory must exist. One file for each slot. */
  readonly path: string;
  /** The slot's name. */
  readonly slot: string;
}

/**
 * Keeps the position in a file: written beside it, synced, renamed over it, and the directory synced, so that a crash at
 * any moment leaves the one or the other. Saves are made one after another, and one that is overtaken is left out.
 */
export function fileCheckpoint({ path, slot }: FileCheckpointOptions): CheckpointStore {
  let newest: { readonly number: number; readonly checkpoint: Checkpoint } | undefined;
  let written = 0;
  let writing: Promise<void> = Promise.resolve();
  return {
    /** @throws SubscriptionError `checkpoint_malformed`, `checkpoint_foreign`; what the file system throws */
    async load() {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      return text === undefined ? undefined : ofSlot(parseCheckpoint(text, path), slot, path);
    },
    /** @throws SubscriptionError `checkpoint_foreign`; what the file system throws: the file is as it was then */
    async save(checkpoint) {
      ofSlot(checkpoint, slot, "The checkpoint");
      const number = (newest?.number ?? 0) + 1;
      newest = { number, checkpoint };
      const save = writing.then(async () => {
        if (newest === undefined || written >= number) return; // a later one was written in its place
        const wanted = newest;
        await replaceFile(path, formatCheckpoint(wanted.checkpoint));
        written = wanted.number;
      });
      writing = save.catch(() => {});
      return save;
    },
  };
}

async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    const file = await open(beside, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await unlink(beside).catch(() => {}); // it may not exist
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The rename itself must survive a crash. Windows opens no directories, and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
}
