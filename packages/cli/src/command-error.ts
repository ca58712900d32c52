import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** What a command refuses or can't do: a sentence for whoever called it, and the exit code. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command line can't be meant like this. */
export const usageError = (message: string): CommandError => new CommandError(message, exitCodes.usage);

/** The server answered, and it won't do. */
export const failure = (message: string): CommandError => new CommandError(message, exitCodes.failed);
