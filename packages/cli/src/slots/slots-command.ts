import { connectForSql } from "@trunkline/subscription";
import { Command, InvalidArgumentError } from "commander";
import { type Connection, type ConnectionFlags, connectionOf, withConnection } from "../connection/connection.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Run } from "../run-command.ts";
import { askYes, type YesOrNo } from "../terminal/ask.ts";
import { interrupts } from "../terminal/interrupts.ts";
import type { Screen } from "../terminal/screen.ts";
import { dropSlot } from "./drop-slot.ts";
import { lookAtSlots, type SqlSession } from "./look-at-slots.ts";
import type { SlotState } from "./slot-state.ts";
import { slotsJson, slotsTable } from "./slots-table.ts";
import { showOnce, watch } from "./watch-slots.ts";

type Flags = ConnectionFlags & { readonly json?: boolean; readonly watch?: boolean; readonly interval: number };

const application = "trunkline slots";

const help = `
Examples:
  trunkline slots postgres://me@localhost/shop
  trunkline slots --watch --interval 5
  trunkline slots --json | jq '.slots[] | select(.verdict == "lost") | .name'
  trunkline slots drop old_consumer

Lag is WAL that was written and not confirmed; kept is WAL that the server can't remove. Where max_slot_wal_keep_size
sets a limit, two looks are taken, --interval apart, and it is told how long the budget lasts at that rate.
Verdicts: reading, idle, unread (keeps more than 64 MiB for nobody), creating, endangered (a tenth of its budget or an
hour is left), lost. --json: {"slots":[…]} with bytes and LSNs as text.

Exit codes: 0 shown, 2 usage, 3 no connection, 4 other failures.`;

const dropHelp = `
Examples:
  trunkline slots drop old_consumer
  trunkline slots drop old_consumer --yes postgres://me@localhost/shop

It asks first, and never drops a slot that somebody reads from.

Exit codes: 0 dropped, 1 not dropped (in use, or the answer was no), 2 usage, 3 no connection, 4 other failures.`;

/** `trunkline slots`: all slots of a server; `trunkline slots drop`: drops one. */
export function slotsCommand(run: Run): Command {
  return withConnection(new Command("slots"))
    .summary("list replication slots: lag, WAL kept, how long that lasts; or drop one")
    .description("Lists the replication slots of the server, with who reads from each and how much WAL it keeps.")
    .option("-w, --watch", "show them again and again, until Ctrl-C")
    .option("-i, --interval <seconds>", "between two looks", seconds, 2)
    .option("--json", "print one JSON object for each look")
    .addHelpText("after", help)
    .addCommand(dropCommand(run))
    .action((url: string | undefined, flags: Flags) =>
      run((screen) => list(connectionOf(url, flags, application), flags, screen), url ?? flags.url),
    );
}

async function list(connection: Connection, flags: Flags, screen: Screen): Promise<ExitCode> {
  screen.status("Looking at the slots …");
  const session = await connectForSql(connection);
  using stopped = interrupts(() => process.exit(exitCodes.interrupted));
  const signal = AbortSignal.any([stopped.signal, screen.signal]);
  try {
    const everyMs = flags.interval * 1000;
    const clear = flags.watch === true && screen.io.stdout.isTTY === true && flags.json !== true;
    await (flags.watch === true ? watch : showOnce)({
      look: () => lookAtSlots(session, Date.now()),
      show: (states) => screen.print(`${clear ? clearScreen : ""}${shown(states, flags, screen)}`),
      waiting: () =>
        screen.status(
          flags.watch === true ? "Ctrl-C ends it." : `Looking again in ${flags.interval} s, for the rate …`,
        ),
      everyMs,
      signal,
    });
  } finally {
    screen.status("");
    await session.close();
  }
  return exitCodes.ok;
}

const clearScreen = "\u001b[2J\u001b[H";

const shown = (states: readonly SlotState[], { json }: Flags, screen: Screen): string =>
  json === true ? slotsJson(states) : slotsTable(states, screen.colours);

function dropCommand(run: Run): Command {
  const drop = new Command("drop")
    .summary("drop a slot that nobody needs; asks first")
    .description("Drops a slot that nobody reads from, after asking.")
    .argument("<name>", "the slot");
  return withConnection(drop)
    .option("-y, --yes", "don't ask")
    .addHelpText("after", dropHelp)
    .action((name: string, url: string | undefined, flags: ConnectionFlags & { readonly yes?: boolean }) =>
      run(async (screen): Promise<ExitCode> => {
        const session: SqlSession = await connectForSql(connectionOf(url, flags, application));
        try {
          const ask = (question: string): Promise<YesOrNo> => askYes(screen.io, question);
          await screen.print(`${await dropSlot(session, name, { yes: flags.yes === true, ask })}\n`);
          return exitCodes.ok;
        } finally {
          await session.close();
        }
      }, url ?? flags.url),
    );
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 1) return value;
  throw new InvalidArgumentError("It is a number of seconds, 1 or more.");
}
