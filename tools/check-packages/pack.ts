import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root, run } from "./repository.ts";

/** A package as `pnpm publish` would send it. */
export interface Packed {
  readonly name: string;
  /** Its folder in the repository. */
  readonly folder: string;
  readonly tarball: string;
  /** Names of what is installed with it. */
  readonly dependencies: readonly string[];
  /** Commands that it installs. */
  readonly commands: readonly string[];
}

// The pnpm that runs this script; its path is a JavaScript file or an executable, depending on how it was started.
const pnpmPath = process.env["npm_execpath"] ?? "pnpm";
const [pnpm = "pnpm", ...pnpmArgs] = /\.[cm]?js$/.test(pnpmPath) ? [process.execPath, pnpmPath] : [pnpmPath];

/** Packs every package of the repository into a folder. */
export async function packAll(into: string): Promise<readonly Packed[]> {
  const packed: Packed[] = [];
  for (const name of (await readdir(join(root, "packages"))).sort()) {
    const folder = join(root, "packages", name);
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    await run(pnpm, [...pnpmArgs, "--dir", folder, "pack", "--pack-destination", into]);
    packed.push({
      name: manifest.name,
      folder,
      tarball: join(into, `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`),
      dependencies: Object.keys(manifest.dependencies ?? {}),
      commands: Object.keys(typeof manifest.bin === "object" ? manifest.bin : {}),
    });
  }
  return packed;
}

/** A package and all packages of ours that it needs, itself last. */
export function withNeeds(packed: readonly Packed[], name: string): readonly Packed[] {
  const found = packed.find((candidate) => candidate.name === name);
  if (found === undefined) return [];
  const needs = found.dependencies.flatMap((dependency) => withNeeds(packed, dependency));
  return [...new Set([...needs, found])];
}
