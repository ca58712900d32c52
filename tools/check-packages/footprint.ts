import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Packed } from "./pack.ts";
import { run } from "./repository.ts";

/** What a package costs whoever installs it. */
export interface Footprint {
  readonly name: string;
  /** Of `node_modules`, peers included, in bytes. */
  readonly bytes: number;
  /** How many packages are in it. */
  readonly packages: number;
  /** Of `import()` in a fresh Node, in milliseconds; the median of five. */
  readonly importMs: number;
}

const imports = 5;

/** Weighs a project in which nothing but this package is installed. */
export async function weigh(project: string): Promise<Pick<Footprint, "bytes" | "packages">> {
  const modules = join(project, "node_modules");
  const lock = JSON.parse(await readFile(join(modules, ".package-lock.json"), "utf8"));
  return { bytes: await sizeOf(modules), packages: Object.keys(lock.packages).length };
}

/** Measures how long an import of the package takes there. */
export async function importTime(project: string, { name }: Packed): Promise<number> {
  const program = `const t = performance.now(); await import("${name}"); console.log(performance.now() - t);`;
  const times: number[] = [];
  for (let turn = 0; turn < imports; turn += 1) {
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: project });
    times.push(Number(stdout));
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(imports / 2)] ?? Number.NaN;
}

/** The footprints as a table, one package a line. */
export function footprintTable(rows: readonly Footprint[]): string {
  const header = ["package".padEnd(26), "installed".padStart(10), "packages".padStart(9), "import".padStart(8)];
  const lines = rows.map(({ name, bytes, packages, importMs }) => [
    name.padEnd(26),
    `${(bytes / 1e6).toFixed(1)} MB`.padStart(10),
    String(packages).padStart(9),
    `${importMs.toFixed(0)} ms`.padStart(8),
  ]);
  return [header, ...lines].map((cells) => cells.join("")).join("\n");
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await sizeOf(path) : (await lstat(path)).size;
  }
  return bytes;
}
