import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Placeholders } from "./placeholders.ts";
import { readSteps, type Step } from "./read-steps.ts";
import { Terminal } from "./terminal.ts";

/** Where the tutorial lies. */
export const tutorialUrl = new URL("../../../../docs/tutorial.md", import.meta.url);

/** How it is followed. */
export interface FollowOptions {
  /** An empty folder, where the reader begins. */
  readonly folder: string;
  /** What `npm install …` does instead: the packages are not taken from the registry. */
  readonly install: (command: string, project: string) => Promise<void>;
  /** The environment of the commands. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Does the tutorial word for word.
 * @returns the folder of the project
 * @throws Error at the first line that differs from the page, or command that fails
 */
export async function follow({ folder, install, env = process.env }: FollowOptions): Promise<string> {
  const steps = readSteps(await readFile(fileURLToPath(tutorialUrl), "utf8"));
  let cwd = folder;
  const placeholders = new Placeholders();
  const terminals = new Map([1, 2, 3].map((number) => [number, new Terminal({ cwd: () => cwd, env, placeholders })]));
  const terminalOf = (number: number): Terminal => {
    const terminal = terminals.get(number);
    if (terminal === undefined) throw new Error(`There is no terminal ${number}.`);
    return terminal;
  };
  const run = async (step: Step): Promise<void> => {
    if (step.type === "file") return writeFile(join(cwd, step.name), step.text);
    if (step.type === "open") return opens(placeholders.fill(step.address));
    const terminal = terminalOf(step.terminal);
    if (step.type === "output") return terminal.shows(step.lines);
    if (step.type === "interrupt") {
      terminal.interrupt();
      return terminal.ended();
    }
    const [, into] = /^cd (\S+)$/.exec(step.line) ?? [];
    if (into === undefined && !step.line.startsWith("npm install ")) return terminal.type(step.line);
    await terminal.ended();
    if (into === undefined) await install(step.line, cwd);
    else cwd = join(cwd, into);
  };
  try {
    for (const step of steps) await run(step);
    for (const terminal of terminals.values()) await terminal.ended();
    return cwd;
  } finally {
    for (const terminal of terminals.values()) terminal.kill();
  }
}

/** Opens a page as far as that goes without a browser: it is there, and it is HTML. */
async function opens(address: string): Promise<void> {
  const response = await fetch(address);
  const type = response.headers.get("content-type");
  if (!response.ok || type?.startsWith("text/html") !== true) throw new Error(`${address}: ${response.status} ${type}`);
  await response.body?.cancel();
}
