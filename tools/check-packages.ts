/**
 * Checks what would be published, from the tarballs `pnpm publish` would send:
 * 1. publint (is what package.json promises in it?) and "are the types wrong?" (does TypeScript find the right types?);
 * 2. all of them installed by npm into an empty project and imported there, by plain Node and by `tsc`;
 * 3. @trunkline/process and @trunkline/supervisor alone in an empty project, running a supervised program.
 * Needs `pnpm build` first.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string): string => join(root, "node_modules", ".bin", name);
// The pnpm that runs this script; its path is a JavaScript file or an executable, depending on how it was started.
const pnpmPath = process.env["npm_execpath"] ?? "pnpm";
const [pnpm = "pnpm", ...pnpmArgs] = /\.[cm]?js$/.test(pnpmPath) ? [process.execPath, pnpmPath] : [pnpmPath];

interface Packed {
  readonly name: string;
  readonly tarball: string;
  readonly dependencies: number;
}

async function packAll(into: string): Promise<Packed[]> {
  const packed: Packed[] = [];
  for (const folder of (await readdir(join(root, "packages"))).sort()) {
    const {
      name,
      version,
      dependencies = {},
    } = JSON.parse(await readFile(join(root, "packages", folder, "package.json"), "utf8"));
    await run(pnpm, [...pnpmArgs, "--dir", join(root, "packages", folder), "pack", "--pack-destination", into]);
    const tarball = join(into, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
    packed.push({ name, tarball, dependencies: Object.keys(dependencies).length });
  }
  return packed;
}

/** An empty project with these tarballs installed, as a user's `npm install` does it. */
async function emptyProject(folder: string, packed: readonly Packed[]): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const tarballs = packed.map(({ tarball }) => tarball);
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs], { cwd: folder });
  return folder;
}

async function importsEverywhere(project: string, packed: readonly Packed[]): Promise<void> {
  const names = packed.map(({ name }, index) => `import * as p${index} from "${name}";`);
  const uses = packed.map(({ name }, index) => `if (Object.keys(p${index}).length === 0) throw new Error("${name}");`);
  const program = [...names, ...uses, ""].join("\n");
  await writeFile(join(project, "import-all.mjs"), program);
  await run(process.execPath, ["import-all.mjs"], { cwd: project });
  await writeFile(join(project, "import-all.mts"), program);
  await cp(join(root, "node_modules", "@types", "node"), join(project, "node_modules", "@types", "node"), {
    recursive: true,
    dereference: true,
  });
  const strict = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023", "--skipLibCheck", "false"];
  await run(bin("tsc"), [...strict, "--types", "node", "import-all.mts"], { cwd: project });
}

async function supervisesAlone(project: string): Promise<void> {
  await cp(join(root, "tools", "packed", "supervisor-alone.mjs"), join(project, "supervisor-alone.mjs"));
  const { stdout } = await run(process.execPath, ["supervisor-alone.mjs"], { cwd: project });
  const expected = ["count 1", "count 2", "crash exited", "child counter", "count 1", "stopped", ""].join("\n");
  if (stdout !== expected) throw new Error(`supervisor-alone.mjs printed\n${stdout}instead of\n${expected}`);
}

async function holdsUp(tarball: string): Promise<void> {
  await run(bin("publint"), ["run", tarball, "--strict"]);
  await run(bin("attw"), [tarball, "--profile", "esm-only"]);
}

/** A checker that finds nothing in a broken package finds nothing in ours either. */
async function knownBadGoesRed(folder: string): Promise<void> {
  await mkdir(folder);
  await run("npm", ["pack", join(root, "tools", "fixtures", "package"), "--pack-destination", folder]);
  const tarball = join(folder, "known-bad-package-0.0.0.tgz");
  for (const [name, args] of [
    ["publint", ["run", tarball, "--strict"]],
    ["attw", [tarball, "--profile", "esm-only"]],
  ] as const) {
    const passed = await run(bin(name), [...args]).then(
      () => true,
      () => false,
    );
    if (passed) throw new Error(`${name} finds nothing wrong with tools/fixtures/package.`);
  }
}

let failures = 0;

/** Runs one check and prints a line for it; what it printed is shown only when it fails. */
async function check(title: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    process.stdout.write(`ok    ${title}\n`);
  } catch (error) {
    failures += 1;
    const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
    process.stdout.write(`FAIL  ${title}\n${message}\n${stdout}${stderr}\n`);
  }
}

const folder = await mkdtemp(join(tmpdir(), "trunkline-packed-"));
try {
  await check("the known-bad package goes red", () => knownBadGoesRed(join(folder, "known-bad")));
  const packed = await packAll(folder);
  for (const { name, tarball, dependencies } of packed) {
    await check(`${name}: publint, attw (${dependencies} dependencies)`, () => holdsUp(tarball));
  }
  await check("all packages in an empty project: Node and TypeScript import them", async () => {
    await importsEverywhere(await emptyProject(join(folder, "all"), packed), packed);
  });
  await check("@trunkline/supervisor alone in an empty project: a crashed child comes back", async () => {
    const two = packed.filter(({ name }) => /\/(?:process|supervisor)$/.test(name));
    await supervisesAlone(await emptyProject(join(folder, "alone"), two));
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
