import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Packed } from "./pack.ts";
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
