import { inspect } from "node:util";
import { Command, CommanderError } from "commander";
import { redactText, secretsOf } from "./connection/redact.ts";
import { describeError } from "./describe-error.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { inspectCommand } from "./inspect/inspect-command.ts";
import type { Run } from "./run-command.ts";
import { slotsCommand } from "./slots/slots-command.ts";
import { tailCommand } from "./tail/tail-command.ts";
import { type Io, Screen } from "./terminal/screen.ts";
import { version } from "./version.ts";

const help = `
Examples:
  trunkline doctor postgres://me@localhost/shop           what is missing for following changes?
  trunkline tail postgres://me@localhost/shop -t orders   show the changes of a table
  trunkline slots                                         which slots keep how much WAL? (by PGHOST and the like)

A password belongs into PGPASSWORD: whoever may list processes can read a command line.

Exit codes: 0 fine, 1 the answer is no (something is missing, a slot was not dropped), 2 usage, 3 the server can't be
reached or refuses the login, 4 other failures, 130 ended by a second Ctrl-C.`;

/**
 * Runs the command with these arguments (those after its name) and answers its exit code. Nothing is thrown: what went
 * wrong is a sentence on stderr.
 */
export async function run(args: readonly string[], io: Io = process): Promise<ExitCode> {
  const screen = new Screen(io);
  screen.hide(secretsOf(undefined, io.env));
  let exitCode: ExitCode = exitCodes.ok;
  const runWork: Run = async (work, url) => {
    screen.hide(secretsOf(url, io.env));
    exitCode = await work(screen);
  };
  try {
    await program(runWork, screen).parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    screen.status("");
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const described = describeError(error);
    screen.note(`${screen.noteColours.red("trunkline:")} ${described.message}`);
    if (args.includes("--debug")) screen.note(inspect(error, { depth: 4 }));
    return described.exitCode;
  }
}

function program(runWork: Run, screen: Screen): Command {
  const root = new Command("trunkline")
    .description("Watch the changes of a Postgres database, find out what is wrong with it, look after its slots.")
    .version(version)
    .addHelpText("after", help)
    .showHelpAfterError("(trunkline --help tells more)");
  for (const make of [tailCommand, doctorCommand, slotsCommand, inspectCommand]) root.addCommand(make(runWork));
  for (const command of [root, ...descendants(root)]) {
    command
      .option("--debug", "tell errors with all their details")
      .showSuggestionAfterError()
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void screen.print(text),
        writeErr: (text) => screen.note(redactText(text.replace(/\n$/, ""))),
        getOutHasColors: () => false,
        getErrHasColors: () => false,
      });
  }
  return root;
}

const descendants = (command: Command): readonly Command[] =>
  command.commands.flatMap((child) => [child, ...descendants(child)]);
