import type { SourceOptions } from "@trunkline/subscription";
import type { Command } from "commander";
import { usageError } from "../command-error.ts";

/** Where a database is, as a subscription takes it. */
export type Connection = SourceOptions["connection"];

/** What every command lets one say of the database. */
export interface ConnectionFlags {
  readonly url?: string;
}

/** Adds `[url]` and `--url`. */
export const withConnection = (command: Command): Command =>
  command
    .argument("[url]", "postgres://user@host:port/database; default: PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE …")
    .option("--url <url>", "the same as an option");

/**
 * The connection that a command line asks for. Without a URL it is the environment's.
 * @throws CommandError for what is no URL, and for two of them
 */
export function connectionOf(argument: string | undefined, flags: ConnectionFlags, application: string): Connection {
  if (argument !== undefined && flags.url !== undefined) throw usageError("The URL is given twice: leave one out.");
  const url = argument ?? flags.url;
  if (url === undefined) return { parameters: { application_name: application } };
  if (!/^postgres(ql)?:\/\//i.test(url)) {
    throw usageError(
      `"${url}" is no URL of a database. Write postgres://user@host:5432/database, or set PGHOST and the like.`,
    );
  }
  const named = /[?&]application_name=/.test(url);
  return { connectionString: url, ...(named ? {} : { parameters: { application_name: application } }) };
}
