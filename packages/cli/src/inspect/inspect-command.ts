import { Command, InvalidArgumentError } from "commander";
import { type ConnectionFlags, connectionOf } from "../connection/connection.ts";
import type { Run } from "../run-command.ts";
import { withTailOptions } from "../tail/tail-command.ts";
import { type TailFlags, tailRequest } from "../tail/tail-request.ts";
import { inspectTail } from "./inspect-tail.ts";

const help = `
Examples:
  trunkline inspect postgres://me@localhost/shop --table orders
  trunkline inspect --publication shop --slot audit_trail --port 7300

It reads changes as trunkline tail does, with the same slots and publications, and prints the address of a page that
shows the processes at work, how far the slot is, and why it does not advance. The page is for this machine only.
With --slot what is read is confirmed, and never comes again to anybody.

Exit codes: as of trunkline tail.`;

/** `trunkline inspect`: the inspector on a tail. */
export function inspectCommand(run: Run): Command {
  return withTailOptions(new Command("inspect"))
    .summary("open the inspector on a tail")
    .description("Reads changes, and shows in a browser how: processes, positions, and why a slot is not advancing.")
    .option("--port <port>", "of the page; default: 7171, or a free one", port)
    .addHelpText("after", help)
    .action((url: string | undefined, flags: ConnectionFlags & TailFlags & { readonly port?: number }) =>
      run(
        (screen) =>
          inspectTail(tailRequest(connectionOf(url, flags, "trunkline inspect"), flags), { port: flags.port }, screen),
        url ?? flags.url,
      ),
    );
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError("It is a number from 0 to 65535.");
}
