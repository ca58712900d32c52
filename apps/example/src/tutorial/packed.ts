// Follows the tutorial with packed packages, installed by npm:  packed.ts <folder with the tarballs>
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { follow } from "./follow.ts";
import { packagesOf } from "./packages-of.ts";

const tarballs = resolve(process.argv[2] ?? ".");
const files = await readdir(tarballs);

/** All tarballs at once, since those that are named need others; the rest comes from the registry. */
async function install(command: string, project: string): Promise<void> {
  const ours = files.filter((file) => /^trunkline-.*\.tgz$/.test(file)).map((file) => join(tarballs, file));
  const theirs = packagesOf(command).filter((name) => !name.startsWith("@trunkline/"));
  await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", ...ours, ...theirs], { cwd: project });
}

const folder = await mkdtemp(join(tmpdir(), "trunkline-tutorial-"));
try {
  await follow({ folder, install });
  console.log("the tutorial holds");
} finally {
  await rm(folder, { recursive: true, force: true });
}
