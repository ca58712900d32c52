import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compile } from "./project.ts";
import { run } from "./repository.ts";

/** The program that opens a README, and what it prints. */
export interface ReadmeProgram {
  readonly source: string;
  readonly output: string;
}

/** Reads them from the installed package's own README. */
export async function readmeProgram(project: string, name: string): Promise<ReadmeProgram> {
  const readme = await readFile(join(project, "node_modules", name, "README.md"), "utf8");
  const [, source, output] = /^```ts\n([\s\S]*?)^```\n[\s\S]*?^```(?:text)?\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  if (source === undefined || output === undefined) {
    throw new Error(`The README of ${name} does not open with a program and its output.`);
  }
  return { source, output };
}

/** Writes the program into the project, type checks it, and answers with the name of the JavaScript it became. */
export async function compileProgram(project: string, { source }: ReadmeProgram): Promise<string> {
  await writeFile(join(project, "readme.ts"), source);
  await compile(project, "readme.ts");
  return join(project, "readme.js");
}

/** Compiles the program, runs it with plain Node, and compares what it prints. */
export async function runReadmeProgram(project: string, name: string): Promise<void> {
  const program = await readmeProgram(project, name);
  const file = await compileProgram(project, program);
  const { stdout } = await run(process.execPath, [file], { cwd: project, timeout: 120_000 });
  if (stdout !== program.output)
    throw new Error(`The README's program printed\n${stdout}instead of\n${program.output}`);
}
