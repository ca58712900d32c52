import type { Logger } from "@trunkline/process";
import { formatLsn, quoteIdentifier } from "@trunkline/protocol";
import { connectForSql, type SubscriptionRef, subscriptionStats } from "@trunkline/subscription";
import { describeError } from "../describe-error.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { interrupts } from "../terminal/interrupts.ts";
import type { Screen } from "../terminal/screen.ts";
import { changeJson } from "./change-json.ts";
import { changeLine } from "./change-line.ts";
import { follow } from "./follow.ts";
import { LineWriter } from "./line-writer.ts";
import type { TailRequest } from "./tail-request.ts";
import { type TailSource, tailFacts, tailSource } from "./tail-source.ts";

/** How often the status line is written anew, in milliseconds. */
const statusEveryMs = 500;

/** Prints changes until it is ended; tidies up after itself. */
export async function tail(request: TailRequest, screen: Screen): Promise<ExitCode> {
  screen.status("Connecting …");
  const source = tailSource(request, await tailFacts(request));
  announce(source, screen);
  using stopped = interrupts(() => force(source, screen));
  const signal = AbortSignal.any([stopped.signal, screen.signal]);
  try {
    await followOn(request, source, screen, signal);
  } finally {
    screen.status("");
    await dropOwn(request, source, screen);
  }
  return exitCodes.ok;
}

/** Follows, and begins anew when a temporary slot went with its connection. */
async function followOn(request: TailRequest, source: TailSource, screen: Screen, signal: AbortSignal): Promise<void> {
  const { connection, filter, from, limit, json } = request;
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
        return writer.add(json ? changeJson(item) : changeLine(item, screen.colours));
      },
      flush: () => writer.flush(),
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

/** The status line of a tail. */
class Progress implements Disposable {
  readonly #screen: Screen;
  readonly #count: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screen, count: () => number) {
    this.#screen = screen;
    this.#count = count;
  }

  /** Tells of this subscription from now on. */
  of(ref: SubscriptionRef): void {
    clearInterval(this.#timer);
    if (!this.#screen.interactive) return;
    const show = (): void => {
      subscriptionStats(ref).then(
        ({ state, received }) => {
          const where = received === undefined ? "" : `, up to ${formatLsn(received)}`;
          if (this.#timer !== undefined)
            this.#screen.status(`${state}: ${this.#count()} printed${where}. Ctrl-C ends it.`);
        },
        () => {}, // it has just ended
      );
    };
    this.#timer = setInterval(show, statusEveryMs);
    show();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
