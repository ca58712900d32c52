/**
 * Checks what would be published: packs every public package as `pnpm publish` would, and holds the tarball against
 * publint (is what package.json promises in it?) and "are the types wrong?" (does every TypeScript resolution that
 * can load an ESM package find the right types?). Needs `pnpm build` first.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
// The pnpm that runs this script; its path is a JavaScript file or an executable, depending on how it was started.
const pnpmPath = process.env["npm_execpath"] ?? "pnpm";
const pnpm = /\.[cm]?js$/.test(pnpmPath) ? [process.execPath, pnpmPath] : [pnpmPath];

async function publicPackages(): Promise<string[]> {
  const names = await readdir(join(root, "packages"));
  return names.sort();
}

async function pack(name: string, into: string): Promise<string> {
  const [command = "pnpm", ...prefix] = pnpm;
  await run(command, [...prefix, "--dir", join(root, "packages", name), "pack", "--pack-destination", into]);
  const tarball = (await readdir(into)).find((file) => file.endsWith(".tgz"));
  if (tarball === undefined) throw new Error(`pnpm pack made no tarball of ${name}.`);
  return join(into, tarball);
}

/** Runs a checker from this repository's own dependencies; its output is shown only when it fails. */
async function check(binary: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await run(join(root, "node_modules", ".bin", binary), [...args], { cwd: root });
    return undefined;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return `${binary} ${args.join(" ")}\n${stdout}${stderr}`;
  }
}

let failures = 0;
for (const name of await publicPackages()) {
  const folder = await mkdtemp(join(tmpdir(), "trunkline-pack-"));
  try {
    const tarball = await pack(name, folder);
    const { dependencies = {} } = JSON.parse(await readFile(join(root, "packages", name, "package.json"), "utf8"));
    const found = [
      await check("publint", ["run", tarball, "--strict"]),
      await check("attw", [tarball, "--profile", "esm-only"]),
    ].filter((finding) => finding !== undefined);
    failures += found.length;
    process.stdout.write(
      found.length === 0
        ? `ok    @trunkline/${name} (${Object.keys(dependencies).length} dependencies)\n`
        : `FAIL  @trunkline/${name}\n${found.join("\n")}\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
process.exitCode = failures === 0 ? 0 : 1;
