import { unreachable } from "@trunkline/process";
import { type Lsn, laterLsn } from "@trunkline/protocol";
import { dequeue, emptyQueue, enqueue, oldest, type Queue } from "./queue.ts";

/**
 * Names one delivery. The same transaction gets another ticket when it is delivered again, so that a handler of a
 * delivery that was cut off can't finish the one that follows it.
 */
export type Ticket = number;

/** A transaction that is held: received in whole or in part, and not yet durable. */
export interface Entry {
  readonly ticket: Ticket;
  /** Where its commit record starts; where the record ends, for a message outside transactions. */
  readonly commitLsn: Lsn;
  /** Where its commit record ends: what may be acknowledged once it is handled. `undefined` until its Commit came. */
  readonly endLsn: Lsn | undefined;
  readonly finished: boolean;
  /** How often its handler has failed. */
  readonly failures: number;
}

/**
 * What is on the wire: nothing; a transaction that is held, and handed out already or not; one that is durable or with
 * a handler from before a reconnect, and comes again.
 */
export type Receiving =
  | { readonly type: "nothing" }
  | { readonly type: "held"; readonly entry: Entry }
  | { readonly type: "handedOut"; readonly ticket: Ticket; readonly commitLsn: Lsn }
  | { readonly type: "repeated"; readonly commitLsn: Lsn };

/**
 * What was received, handed out, made durable and acknowledged: a value, changed only by the functions of this file.
 * At each moment `received >= dispatched >= durable >= acked`, none of them ever goes back, and neither `durable` nor
 * `acked` passes the commit of the oldest transaction that is not finished.
 */
export interface Ledger {
  /** The greatest position that the server has told of. */
  readonly received: Lsn;
  /** Up to here everything has been handed out in whole. */
  readonly dispatched: Lsn;
  /** Up to here everything is handled: where to resume, and the flush position to report. */
  readonly durable: Lsn;
  /** The flush position that was last reported to the server. */
  readonly acked: Lsn;
  readonly receiving: Receiving;
  /** Handed out, oldest first: being handled, or handled and held up by an older one. */
  readonly running: readonly Entry[];
  /** Received in whole and not handed out yet. */
  readonly waiting: Queue<Entry>;
  /** The greatest WAL end heard on this connection outside of transactions: all commits before it have been received. */
  readonly heard: Lsn;
  readonly nextTicket: Ticket;
}

const nothing: Receiving = { type: "nothing" };

/** A ledger that resumes at `durable`: the slot's confirmed position, or the sink's own if that is later. */
export function createLedger(durable: Lsn): Ledger {
  return draftOf({
    received: durable,
    dispatched: durable,
    durable,
    acked: durable,
    receiving: nothing,
    running: [],
    waiting: emptyQueue(),
    heard: durable,
    nextTicket: 1,
  });
}

/**
 * A Begin has come. Ask `receiving` whether its changes are to be delivered: a transaction that is durable, or still
 * with a handler from before a reconnect, is `repeated`.
 */
export function begin(ledger: Ledger, commitLsn: Lsn): Ledger {
  const next = draftOf(ledger);
  if (commitLsn < ledger.durable || ledger.running.some((entry) => entry.commitLsn === commitLsn)) {
    next.receiving = { type: "repeated", commitLsn };
  } else {
    next.receiving = { type: "held", entry: newEntry(ledger.nextTicket, commitLsn, undefined) };
    next.nextTicket += 1;
  }
  return next;
}

/** The Commit of what is on the wire has come. */
export function commit(ledger: Ledger, endLsn: Lsn): Ledger {
  const { receiving } = ledger;
  const next = draftOf(ledger);
  next.received = laterLsn(ledger.received, endLsn);
  next.receiving = nothing;
  switch (receiving.type) {
    case "held":
      next.waiting = enqueue(ledger.waiting, ended(receiving.entry, endLsn));
      return next;
    case "handedOut":
      return settled(changed(next, receiving.ticket, (entry) => ended(entry, endLsn)));
    case "nothing":
    case "repeated":
      return next;
    default:
      return unreachable(receiving);
  }
}

/** A logical message outside transactions has come. `lsn`: its own, where its record ends. It is held as a transaction is. */
export function message(ledger: Ledger, lsn: Lsn): Ledger {
  const next = draftOf(ledger);
  next.received = laterLsn(ledger.received, lsn);
  if (lsn <= ledger.durable || ledger.running.some((entry) => entry.commitLsn === lsn)) return next;
  next.waiting = enqueue(ledger.waiting, newEntry(ledger.nextTicket, lsn, lsn));
  next.nextTicket += 1;
  return next;
}

/** The next transaction to hand out, in commit order; `undefined` when there is none. Without `endLsn` it is on the wire. */
export function nextToDispatch({ waiting, receiving }: Ledger): Entry | undefined {
  return oldest(waiting) ?? (receiving.type === "held" ? receiving.entry : undefined);
}

/** What {@link nextToDispatch} named has been handed out. Without one it answers with the ledger as it is. */
export function dispatch(ledger: Ledger): Ledger {
  const { receiving } = ledger;
  const next = draftOf(ledger);
  const taken = dequeue(ledger.waiting);
  if (taken !== undefined) {
    const [entry, waiting] = taken;
    next.dispatched = laterLsn(ledger.dispatched, entry.endLsn ?? ledger.dispatched);
    next.running = ledger.running.concat(entry);
    next.waiting = waiting;
    return next;
  }
  if (receiving.type !== "held") return ledger;
  const { entry } = receiving;
  next.running = ledger.running.concat(entry);
  next.receiving = { type: "handedOut", ticket: entry.ticket, commitLsn: entry.commitLsn };
  return next;
}

/** A handler is through, and what it did is durable. A ticket that is not running any more is ignored. */
export function finish(ledger: Ledger, ticket: Ticket): Ledger {
  return settled(changed(ledger, ticket, done));
}

/** A handler has failed: its transaction stays where it is, and holds the acknowledgement up. */
export function fail(ledger: Ledger, ticket: Ticket): Ledger {
  return changed(ledger, ticket, failedOnceMore);
}

/**
 * The changes of a delivery are no longer held, and it is not finished: it must come again. It holds the
 * acknowledgement up until {@link disconnect}, which forgets it.
 */
export function comeAgain(ledger: Ledger, ticket: Ticket): Ledger {
  const { receiving } = ledger;
  const next = draftOf(changed(ledger, ticket, (entry) => ended(entry, undefined)));
  if (receiving.type === "handedOut" && receiving.ticket === ticket) {
    next.receiving = { type: "repeated", commitLsn: receiving.commitLsn };
  }
  return next;
}

/**
 * A keepalive has come. Its WAL end is worth something only outside of a transaction, where all commits before it have
 * been received; inside it may be the very commit that is being sent. It may also be lower than an earlier one.
 */
export function keepalive(ledger: Ledger, walEnd: Lsn): Ledger {
  const next = draftOf(ledger);
  next.received = laterLsn(ledger.received, walEnd);
  if (ledger.receiving.type !== "nothing") return next;
  next.heard = laterLsn(ledger.heard, walEnd);
  return settled(next);
}

/** `durable` has been reported to the server. */
export function acknowledge(ledger: Ledger): Ledger {
  if (ledger.acked === ledger.durable) return ledger;
  const next = draftOf(ledger);
  next.acked = ledger.durable;
  return next;
}

/**
 * The connection is gone. What is whole and with a handler stays, and is `repeated` when it comes again; all else is
 * forgotten, since it comes again.
 */
export function disconnect(ledger: Ledger): Ledger {
  const next = draftOf(ledger);
  next.receiving = nothing;
  next.running = ledger.running.filter((entry) => entry.endLsn !== undefined);
  next.waiting = emptyQueue();
  next.heard = ledger.durable;
  return settled(next);
}

/** The oldest transaction that is not finished, handed out or not. */
export function oldestUnfinished(ledger: Ledger): Entry | undefined {
  return ledger.running.find(isUnfinished) ?? nextToDispatch(ledger);
}

/** How many transactions are not finished. */
export function unfinished({ running, waiting, receiving }: Ledger): number {
  return running.filter(isUnfinished).length + waiting.size + (receiving.type === "held" ? 1 : 0);
}

const isUnfinished = ({ finished, endLsn }: Entry): boolean => !finished || endLsn === undefined;

function newEntry(ticket: Ticket, commitLsn: Lsn, endLsn: Lsn | undefined, finished = false, failures = 0): Entry {
  return { ticket, commitLsn, endLsn, finished, failures };
}

const ended = ({ ticket, commitLsn, finished, failures }: Entry, endLsn: Lsn | undefined): Entry =>
  newEntry(ticket, commitLsn, endLsn, finished, failures);

const done = ({ ticket, commitLsn, endLsn, failures }: Entry): Entry =>
  newEntry(ticket, commitLsn, endLsn, true, failures);

const failedOnceMore = ({ ticket, commitLsn, endLsn, finished, failures }: Entry): Entry =>
  newEntry(ticket, commitLsn, endLsn, finished, failures + 1);

type Draft = { -readonly [Field in keyof Ledger]: Ledger[Field] };

/**
 * A copy to be changed before anybody sees it. All ledgers, and all entries, are made in one place: what is spread gets a
 * hidden class of its own from V8 for each spread and each origin, until every field of it is looked up by name.
 */
function draftOf(ledger: Ledger): Draft {
  return {
    received: ledger.received,
    dispatched: ledger.dispatched,
    durable: ledger.durable,
    acked: ledger.acked,
    receiving: ledger.receiving,
    running: ledger.running,
    waiting: ledger.waiting,
    heard: ledger.heard,
    nextTicket: ledger.nextTicket,
  };
}

/** Lets `durable` follow the finished run at the front, and what was heard when nothing at all is held. */
function settled(ledger: Ledger): Ledger {
  const { running } = ledger;
  let { durable, dispatched } = ledger;
  let finished = 0;
  for (const entry of running) {
    const { endLsn } = entry;
    if (endLsn !== undefined) dispatched = laterLsn(dispatched, endLsn);
    if (isUnfinished(entry) || running[finished] !== entry) continue;
    finished += 1;
    if (endLsn !== undefined) durable = laterLsn(durable, endLsn);
  }
  const next = draftOf(ledger);
  if (finished > 0) next.running = running.slice(finished);
  const nothingHeld = next.running.length === 0 && ledger.waiting.size === 0 && ledger.receiving.type === "nothing";
  next.durable = nothingHeld ? laterLsn(durable, ledger.heard) : durable;
  next.dispatched = laterLsn(dispatched, next.durable);
  return next;
}

function changed(ledger: Ledger, ticket: Ticket, change: (entry: Entry) => Entry): Ledger {
  if (!ledger.running.some((entry) => entry.ticket === ticket)) return ledger;
  const next = draftOf(ledger);
  next.running = ledger.running.map((entry) => (entry.ticket === ticket ? change(entry) : entry));
  return next;
}
