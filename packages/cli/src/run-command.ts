import type { ExitCode } from "./exit-codes.ts";
import type { Screen } from "./terminal/screen.ts";

/** Runs what a command does, with a screen on which the password of `url` never shows. */
export type Run = (work: (screen: Screen) => Promise<ExitCode>, url: string | undefined) => Promise<void>;
