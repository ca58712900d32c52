// The public names of @trunkline/cli: the command itself is `trunkline`; this runs it inside a program.

export { type ExitCode, exitCodes } from "./exit-codes.ts";
export { run } from "./run.ts";
export type { Io, OutputStream } from "./terminal/screen.ts";
