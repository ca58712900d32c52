import { parseArgs } from "node:util";

export interface DemoArguments {
  /** The user's own server; absent: an embedded one is started. */
  readonly url?: string;
  /** Keep a program running, with the inspector's page of it, until Ctrl-C. */
  readonly serve?: true;
}

export const usage = `Usage: pnpm demo [--serve] [--url postgres://user:password@host:port/database]

  --url URL   use this server instead of an embedded one; the demo makes a table and
              a publication of its own in that database and drops them at the end
  --serve     keep a small program running and print the address of its inspector; Ctrl-C ends it
  --help      show this text`;

/** A mistake in the command line: the message says what to type instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads the demo's command line.
 * @returns the arguments, or `"help"` when help was asked for.
 * @throws UsageError for an unknown option or a URL that is not one.
 */
export function parseArguments(argv: readonly string[]): DemoArguments | "help" {
  // `pnpm demo -- --url …` hands the `--` over as well.
  const given = argv[0] === "--" ? argv.slice(1) : [...argv];
  try {
    const { values } = parseArgs({
      args: given,
      options: { url: { type: "string" }, serve: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help === true) return "help";
    const serve = values.serve === true ? ({ serve: true } as const) : {};
    if (values.url === undefined) return serve;
    if (!/^postgres(?:ql)?:\/\//.test(values.url)) {
      throw new UsageError("--url takes a connection URL such as postgres://user:password@host:5432/database.");
    }
    return { url: values.url, ...serve };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
