import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Packed } from "./pack.ts";
import { compile, copyInto } from "./project.ts";
import { run } from "./repository.ts";

/** Plain Node imports every package, and requires it too, as Node 20.19 and later can. */
export async function importsEverywhere(project: string, packed: readonly Packed[]): Promise<void> {
  const names = packed.map(({ name }, index) => `import * as p${index} from "${name}";`);
  const uses = packed.map(({ name }, index) => `if (Object.keys(p${index}).length === 0) throw new Error("${name}");`);
  const program = [...names, ...uses, ""].join("\n");
  await writeFile(join(project, "import-all.mjs"), program);
  await run(process.execPath, ["import-all.mjs"], { cwd: project });
  await writeFile(join(project, "import-all.mts"), program);
  await compile(project, "import-all.mts");
  const requires = packed.map(({ name }) => `if (!Object.keys(require("${name}")).length) throw new Error("${name}");`);
  await writeFile(join(project, "require-all.cjs"), [...requires, ""].join("\n"));
  await run(process.execPath, ["require-all.cjs"], { cwd: project });
}

/** A program in plain JavaScript with nothing but @trunkline/process and @trunkline/supervisor. */
export async function supervisesAlone(project: string): Promise<void> {
  const { stdout } = await run(process.execPath, [await copyInto(project, "supervisor-alone.mjs")], { cwd: project });
  const expected = ["count 1", "count 2", "crash exited", "child counter", "count 1", "stopped", ""].join("\n");
  if (stdout !== expected) throw new Error(`supervisor-alone.mjs printed\n${stdout}instead of\n${expected}`);
}
