import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Packed } from "./pack.ts";
import { copyInto } from "./project.ts";
import { run } from "./repository.ts";

/** Each command of a package, by `npx` as a user runs it, says its version, and which commands it has. */
export async function answersWithHelp(project: string, { name, folder, commands }: Packed): Promise<void> {
  if (commands.length === 0) throw new Error(`${name} installs no command.`);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  for (const command of commands) {
    const said = await run("npx", ["--no-install", command, "--version"], { cwd: project });
    if (said.stdout.trim() !== version) throw new Error(`${command} --version says ${said.stdout}, not ${version}.`);
    const help = await run("npx", ["--no-install", command, "--help"], { cwd: project });
    if (!help.stdout.includes(command)) throw new Error(`${command} --help says\n${help.stdout}`);
  }
}

/** On a server where nothing is set up `doctor` says what to do, and when just that is done, `tail` works. */
export async function curesAndTails(all: string): Promise<void> {
  const program = await copyInto(all, "doctor-then-tail.mjs");
  const { stdout } = await run(process.execPath, [program], { cwd: all, timeout: 120_000 });
  const expected = '{"id":1,"name":"Mercury"}\n';
  if (stdout !== expected) throw new Error(`doctor-then-tail.mjs printed\n${stdout}instead of\n${expected}`);
}
