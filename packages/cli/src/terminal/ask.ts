import { createInterface } from "node:readline";
import type { Io } from "./screen.ts";

/** What came back. `none`: the input ended without an answer. */
export type YesOrNo = "yes" | "no" | "none";

/** Asks a person. Everything but `y` and `yes` is a no, and so is Ctrl-C. */
export function askYes({ stdin, stderr }: Pick<Io, "stdin" | "stderr">, question: string): Promise<YesOrNo> {
  stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: stdin });
  return new Promise((resolve) => {
    const answer = (what: YesOrNo): void => {
      resolve(what);
      lines.close();
    };
    lines.once("line", (line) => answer(/^\s*y(es)?\s*$/i.test(line) ? "yes" : "no"));
    lines.once("close", () => answer("none"));
    lines.once("SIGINT", () => answer("no"));
  });
}
