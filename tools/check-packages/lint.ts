import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { bin, root, run } from "./repository.ts";

/** publint: is what package.json promises in the tarball? "Are the types wrong?": does TypeScript find the right types? */
export async function holdsUp(tarball: string): Promise<void> {
  await run(bin("publint"), ["run", tarball, "--strict"]);
  await run(bin("attw"), [tarball, "--profile", "esm-only"]);
}

/** A checker that finds nothing in a broken package finds nothing in ours either. */
export async function knownBadGoesRed(folder: string): Promise<void> {
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
