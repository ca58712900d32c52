import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A file as it goes to a browser. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

const { resolve } = createRequire(import.meta.url);

/** Modules of others that the page uses: where a browser finds each, and which file it is. */
const vendored: ReadonlyMap<string, () => string> = new Map([
  ["/vendor/preact.js", () => resolve("preact")],
  ["/vendor/htm.js", () => join(dirname(resolve("htm")), "htm.module.js")],
]);

/** The page's own folder: as far from `src/serve` in the repository as from `dist/serve` in the package. */
const pageFolder = fileURLToPath(new URL("../../page", import.meta.url));

/** Reads the file behind a path of the server; `undefined`: there is none. No path leads out of the page's folder. */
export async function readAsset(path: string): Promise<Asset | undefined> {
  const find = vendored.get(path);
  if (find !== undefined) return asset(".js", withoutSourceMap(await readFile(find(), "utf8")));
  const name = path === "/" ? "/index.html" : path;
  // Plain names only: no dots to climb by, no escapes, no hidden files.
  if (!/^(?:\/[A-Za-z0-9][A-Za-z0-9_-]*)+(?:\.[a-z0-9]+)+$/.test(name)) return undefined;
  const file = join(pageFolder, name);
  if (!file.startsWith(pageFolder + sep) || !(extname(file) in types)) return undefined;
  try {
    return asset(extname(file), await readFile(file));
  } catch {
    return undefined;
  }
}

function asset(extension: string, body: Buffer | string): Asset {
  return { type: types[extension] ?? "application/octet-stream", body: Buffer.from(body) };
}

// The map is not served; a browser with its tools open would ask for it.
function withoutSourceMap(source: string): string {
  return source.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
}
