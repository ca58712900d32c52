import { type Logger, makeRuntime } from "@trunkline/process";
import { quoteIdentifier } from "@trunkline/protocol";
import { connectForSql, startSubscription } from "@trunkline/subscription";
import { describeError } from "../describe-error.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { interrupts } from "../terminal/interrupts.ts";
import type { Screen } from "../terminal/screen.ts";
import { changeJson } from "./change-json.ts";
import { changeLine } from "./change-line.ts";
import { follow, type StartSubscription } from "./follow.ts";
import { LineWriter } from "./line-writer.ts";
import type { Printable } from "./printable.ts";
import { Progress } from "./progress.ts";
import type { TailRequest } from "./tail-request.ts";
import { type TailSource, tailFacts, tailSource } from "./tail-source.ts";

/** Where a tail runs, and what becomes of what it reads. */
export interface TailPlace {
  readonly start: StartSubscription;
  /** One change as a line; `undefined`: it is counted, and not printed. */
  readonly line: (item: Printable) => string | undefined;
}

/** On its own, with lines on the screen. */
const onScreen = ({ json }: TailRequest, { colours }: Screen): TailPlace => ({
  start: (options, { signal, logger }) => startSubscription(options, { signal, runtime: makeRuntime({ logger }) }),
  line: (item) => (json ? changeJson(item) : changeLine(item, colours)),
});

/** Prints changes until it is ended; tidies up after itself. */
export async function tail(
  request: TailRequest,
  screen: Screen,
  place: TailPlace = onScreen(request, screen),
): Promise<ExitCode> {
  screen.status("Connecting …");
  const source = tailSource(request, await tailFacts(request));
  announce(source, screen);
  using stopped = interrupts(() => force(source, screen));
  const signal = AbortSignal.any([stopped.signal, screen.signal]);
  try {
    await followOn({ request, source, screen, place, signal });
  } finally {
    screen.status("");
    await dropOwn(request, source, screen);
  }
  return exitCodes.ok;
}

interface Tailing {
  readonly request: TailRequest;
  readonly source: TailSource;
  readonly screen: Screen;
  readonly place: TailPlace;
  readonly signal: AbortSignal;
}

/** Follows, and begins anew when a temporary slot went with its connection. */
async function followOn({ request, source, screen, place, signal }: Tailing): Promise<void> {
  const { connection, filter, from, limit } = request;
  const printed = { count: 0 };
  const writer = new LineWriter((text) => screen.print(text));
  const progress = new Progress(screen, () => printed.count);
  const once = (): Promise<void> =>
    follow({
      connection,
      source,
      filter,
      from,
      signal,
      remaining: () => limit - printed.count,
      print: (item) => {
        printed.count += 1;
        const line = place.line(item);
        return line === undefined ? undefined : writer.add(line);
      },
      flush: () => writer.flush(),
      start: place.start,
      logger: screenLogger(screen),
      started: (ref) => progress.of(ref),
    });
  try {
    for (;;) {
      screen.status("Making the slot: it waits for transactions that are open …");
      try {
        return await once();
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "temporary_slot_gone")) throw error;
        screen.note(
          `${screen.noteColours.yellow("warning:")} the connection was lost, and the temporary slot with it: what was committed meanwhile is not shown. A --slot that lasts misses nothing.`,
        );
      }
    }
  } finally {
    progress[Symbol.dispose]();
  }
}

/** What a person should know before it begins. */
function announce(source: TailSource, screen: Screen): void {
  if (!screen.interactive || source.temporary) return;
  screen.note(
    `Slot ${source.slot}: a transaction is confirmed once it is written here, and never comes again to anybody who reads this slot.`,
  );
}

/** The second Ctrl-C: ends at once, and says what is left behind. */
function force({ ownPublication }: TailSource, screen: Screen): never {
  screen.status("");
  if (ownPublication !== undefined) screen.note(leftBehind(ownPublication));
  process.exit(exitCodes.interrupted);
}

const leftBehind = (publication: string): string =>
  `Publication ${publication} may be left behind: DROP PUBLICATION IF EXISTS ${quoteIdentifier(publication)};`;

async function dropOwn({ connection }: TailRequest, { ownPublication }: TailSource, screen: Screen): Promise<void> {
  if (ownPublication === undefined) return;
  try {
    const session = await connectForSql(connection);
    try {
      await session.query(
        `SET client_min_messages = error; DROP PUBLICATION IF EXISTS ${quoteIdentifier(ownPublication)}`,
      );
    } finally {
      await session.close();
    }
  } catch {
    screen.note(leftBehind(ownPublication));
  }
}

/** Shows warnings as notes. Errors end the command, which then tells them. */
function screenLogger(screen: Screen): Logger {
  const nothing = (): void => {};
  return {
    debug: nothing,
    info: nothing,
    warn: (fields, message) => {
      const error: unknown = "err" in fields ? fields.err : undefined;
      const what = error === undefined ? message : describeError(error).message;
      screen.note(`${screen.noteColours.yellow("warning:")} ${what} Trying again.`);
    },
    error: nothing,
  };
}
