import { cp, mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Packed } from "./pack.ts";
import { bin, root, run } from "./repository.ts";

/** An empty project with these tarballs installed, as a user's `npm install` does it. */
export async function emptyProject(folder: string, packed: readonly Packed[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const tarballs = packed.map(({ tarball }) => tarball);
  const quietly = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
  await run("npm", ["install", ...quietly, ...tarballs], { cwd: folder });
  return folder;
}

/** Node's types and what they need, which no package of ours brings along; not counted in what it weighs. */
export async function addNodeTypes(project: string): Promise<void> {
  const types = await realpath(join(root, "node_modules", "@types", "node"));
  const modules = join(project, "node_modules");
  await cp(types, join(modules, "@types", "node"), { recursive: true });
  await cp(join(types, "..", "..", "undici-types"), join(modules, "undici-types"), {
    recursive: true,
    dereference: true,
  });
}

/**
 * Checks a TypeScript file as a strict user does, declarations of packages included, and writes the JavaScript beside it.
 * xstate's own declarations fail with `exactOptionalPropertyTypes`, which is therefore off.
 */
export async function compile(project: string, file: string): Promise<void> {
  const strict = ["--strict", "--noUncheckedIndexedAccess", "--verbatimModuleSyntax", "--skipLibCheck", "false"];
  const target = ["--module", "nodenext", "--target", "es2023", "--lib", "es2023,esnext.disposable", "--types", "node"];
  await run(bin("tsc"), [...strict, ...target, file], { cwd: project });
}

/** Puts a program of `tools/check-packages` into a project, and answers with its path there. */
export async function copyInto(project: string, name: string): Promise<string> {
  const path = join(project, name);
  await cp(join(root, "tools", "check-packages", name), path);
  return path;
}
