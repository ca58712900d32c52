import { readFile } from "node:fs/promises";

/** What the README shows below a command: the output after `$ trunkline …` in a block of its own. */
export async function readmeOutput(command: string): Promise<string> {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const [, block = ""] of readme.matchAll(/^```console\n([\s\S]*?)^```/gm)) {
    const [first = "", ...rest] = block.split("\n");
    if (first.startsWith(`$ trunkline ${command}`)) return rest.join("\n");
  }
  throw new Error(`The README shows no output of trunkline ${command}.`);
}

/** Without what differs from run to run: versions, times, positions, sizes. */
export const withoutFigures = (text: string): string =>
  text
    .replace(/PostgreSQL \d+\.\d+/g, "PostgreSQL V")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/\b[0-9A-F]+\/[0-9A-F]+\b/g, "LSN")
    .replace(/"position":"[0-9a-f-]+"/g, '"position":"P"')
    .replace(/"xid":\d+/g, '"xid":N')
    .replace(/\d[\d.]* (B|KiB|MiB|GiB|s|min)\b/g, "N")
    .replace(/ {2,}(?=\S)/g, "  ");
