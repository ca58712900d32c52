import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pinned } from "./pinning.ts";

/** One line of what supervision costs: the figure is text with its unit. */
export interface SupervisionCost {
  readonly what: string;
  readonly figure: string;
}

const PROGRAM = fileURLToPath(new URL("../../../../packages/supervisor/test/cost.ts", import.meta.url));

/** Runs the supervisor's own program that prints what it costs. */
export function supervisionCosts(core: number | undefined): readonly SupervisionCost[] {
  const flags = ["--import", import.meta.resolve("tsx"), "--conditions=@trunkline/source", "--expose-gc"];
  const [file, ...rest] = pinned(core, [process.execPath, ...flags, PROGRAM]);
  const ended = spawnSync(file, rest, { encoding: "utf8" });
  if (ended.status !== 0) throw new Error(`What supervision costs can't be told: ${ended.stderr}`);
  return ended.stdout
    .split("\n")
    .map((line) => /^(\S.*?)\s{2,}(\S.*)$/.exec(line))
    .flatMap((found) =>
      found?.[1] === undefined || found[2] === undefined ? [] : [{ what: found[1], figure: found[2] }],
    );
}
