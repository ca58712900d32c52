import { classify, describeFindings, SubscriptionError } from "@trunkline/subscription";
import { CommandError } from "./command-error.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** An error as it is told, and what the command exits with. */
export interface DescribedError {
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Errors of ours whose message says what to do already. */
const saysWhatToDo = new Set([
  "CommandError",
  "SubscriptionError",
  "ConnectionError",
  "AuthenticationError",
  "ConfigError",
  "HandshakeTimeout",
]);

const notReached = new Set(["ConnectionError", "AuthenticationError", "HandshakeTimeout"]);

/** SQLSTATEs with which a server turns a login away: wrong password or role, no such database, no room. */
const loginRefused = /^(28|3D|53300|57P03)/;

/** What went wrong, as a sentence, and what to do. A failed start is told as its cause. */
export function describeError(error: unknown): DescribedError {
  const cause = causeOf(error);
  if (cause instanceof CommandError) return { message: cause.message, exitCode: cause.exitCode };
  if (!(cause instanceof Error)) return { message: String(cause), exitCode: exitCodes.failed };
  return { message: messageOf(cause), exitCode: exitCodeOf(cause) };
}

/** An error below those that only say that something could not start. */
export function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.name === "StartError" && cause.cause !== undefined) cause = cause.cause;
  return cause;
}

function messageOf(error: Error): string {
  if (error instanceof SubscriptionError && error.code === "prerequisites_missing") {
    const lacking = error.findings.filter(({ severity }) => severity === "missing");
    return `The server is not ready for this. Do what is said, then try again.\n${describeFindings(lacking)}`;
  }
  if (error.name === "StartError" && codeOf(error) === "timeout") {
    return "The slot could not be made in time: a transaction that is open on the server holds it up. See pg_stat_activity for the oldest one, end it or wait, and try again.";
  }
  if (saysWhatToDo.has(error.name)) return error.message;
  const { remedy } = classify(error);
  if (error.name !== "PostgresError" && !isSystemError(error))
    return `${error.message} (a mistake of this program: run it again with --debug and report what it says)`;
  const sentence = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
  return `${sentence} ${remedy}`;
}

/** Of Node: `ENOSPC` and the like. */
const isSystemError = (error: Error): boolean => "syscall" in error;

function exitCodeOf(error: Error): ExitCode {
  if (error.name === "ConfigError") return exitCodes.usage;
  if (notReached.has(error.name)) return exitCodes.connection;
  if (error instanceof SubscriptionError && error.code === "prerequisites_missing") return exitCodes.no;
  return loginRefused.test(codeOf(error)) ? exitCodes.connection : exitCodes.failed;
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "");
