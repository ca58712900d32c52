import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { follow } from "./tutorial/follow.ts";
import { packagesOf } from "./tutorial/packages-of.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The packages that a command names, from this repository's sources. */
async function link(command: string, project: string): Promise<void> {
  await mkdir(join(project, "node_modules", "@trunkline"), { recursive: true });
  for (const name of packagesOf(command)) {
    const ours = name.startsWith("@trunkline/");
    const from = ours ? ["packages", name.slice("@trunkline/".length)] : ["apps", "example", "node_modules", name];
    await symlink(join(root, ...from), join(project, "node_modules", name));
  }
}

test("the tutorial, done word for word, shows what it says", { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "trunkline-tutorial-"));
  const env = { ...process.env, NODE_OPTIONS: `--conditions=@trunkline/source --import=${import.meta.resolve("tsx")}` };
  try {
    const project = await follow({ folder, install: link, env });
    expect(await readFile(join(project, "parcels", "packed.txt"), "utf8")).toBe("4 a desk\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
