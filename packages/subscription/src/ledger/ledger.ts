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
  return {
    received: durable,
    dispatched: durable,
    durable,
    acked: durable,
    receiving: nothing,
    running: [],
    waiting: emptyQueue(),
    heard: durable,
    nextTicket: 1,
  };
}

/**
 * A Begin has come. Ask `receiving` whether its changes are to be delivered: a transaction that is durable, or still
 * with a handler from before a reconnect, is `repeated`.
 */
export function begin(ledger: Ledger, commitLsn: Lsn): Ledger {
  if (commitLsn < ledger.durable || ledger.running.some((entry) => entry.commitLsn === commitLsn)) {
    return { ...ledger, receiving: { type: "repeated", commitLsn } };
  }
  const entry = newEntry(ledger.nextTicket, commitLsn, undefined);
  return { ...ledger, receiving: { type: "held", entry }, nextTicket: entry.ticket + 1 };
}

/** The Commit of what is on the wire has come. */
export function commit(ledger: Ledger, endLsn: Lsn): Ledger {
  const { receiving } = ledger;
  const received = laterLsn(ledger.received, endLsn);
  switch (receiving.type) {
    case "held": {
      const waiting = enqueue(ledger.waiting, { ...receiving.entry, endLsn });
      return { ...ledger, received, receiving: nothing, waiting };
    }
    case "handedOut": {
      const committed = { ...ledger, received, receiving: nothing };
      return settled(changed(committed, receiving.ticket, (entry) => ({ ...entry, endLsn })));
    }
    case "nothing":
    case "repeated":
      return { ...ledger, received, receiving: nothing };
    default:
      return unreachable(receiving);
  }
}

/** A logical message outside transactions has come. `lsn`: its own, where its record ends. It is held as a transaction is. */
export function message(ledger: Ledger, lsn: Lsn): Ledger {
  const received = { ...ledger, received: laterLsn(ledger.received, lsn) };
  if (lsn <= ledger.durable || ledger.running.some((entry) => entry.commitLsn === lsn)) return received;
  const entry = newEntry(ledger.nextTicket, lsn, lsn);
  return { ...received, waiting: enqueue(ledger.waiting, entry), nextTicket: entry.ticket + 1 };
}

/** The next transaction to hand out, in commit order; `undefined` when there is none. Without `endLsn` it is on the wire. */
export function nextToDispatch({ waiting, receiving }: Ledger): Entry | undefined {
  return oldest(waiting) ?? (receiving.type === "held" ? receiving.entry : undefined);
}

/** What {@link nextToDispatch} named has been handed out. Without one it answers with the ledger as it is. */
export function dispatch(ledger: Ledger): Ledger {
  const taken = dequeue(ledger.waiting);
  if (taken !== undefined) {
    const [entry, waiting] = taken;
    const dispatched = laterLsn(ledger.dispatched, entry.endLsn ?? ledger.dispatched);
    return { ...ledger, dispatched, running: [...ledger.running, entry], waiting };
  }
  if (ledger.receiving.type !== "held") return ledger;
  const { entry } = ledger.receiving;
  const { ticket, commitLsn } = entry;
  return { ...ledger, running: [...ledger.running, entry], receiving: { type: "handedOut", ticket, commitLsn } };
}

/** A handler is through, and what it did is durable. A ticket that is not running any more is ignored. */
export function finish(ledger: Ledger, ticket: Ticket): Ledger {
  return settled(changed(ledger, ticket, (entry) => ({ ...entry, finished: true })));
}

/** A handler has failed: its transaction stays where it is, and holds the acknowledgement up. */
export function fail(ledger: Ledger, ticket: Ticket): Ledger {
  return changed(ledger, ticket, (entry) => ({ ...entry, failures: entry.failures + 1 }));
}

/**
 * The changes of a delivery are no longer held, and it is not finished: it must come again. It holds the
 * acknowledgement up until {@link disconnect}, which forgets it.
 */
export function comeAgain(ledger: Ledger, ticket: Ticket): Ledger {
  const { receiving } = ledger;
  const arriving = receiving.type === "handedOut" && receiving.ticket === ticket;
  return {
    ...changed(ledger, ticket, (entry) => ({ ...entry, endLsn: undefined })),
    ...(arriving ? { receiving: { type: "repeated" as const, commitLsn: receiving.commitLsn } } : {}),
  };
}

/**
 * A keepalive has come. Its WAL end is worth something only outside of a transaction, where all commits before it have
 * been received; inside it may be the very commit that is being sent. It may also be lower than an earlier one.
 */
export function keepalive(ledger: Ledger, walEnd: Lsn): Ledger {
  const received = { ...ledger, received: laterLsn(ledger.received, walEnd) };
  return ledger.receiving.type === "nothing"
    ? settled({ ...received, heard: laterLsn(ledger.heard, walEnd) })
    : received;
}

/** `durable` has been reported to the server. */
export const acknowledge = (ledger: Ledger): Ledger =>
  ledger.acked === ledger.durable ? ledger : { ...ledger, acked: ledger.durable };

/**
 * The connection is gone. What is whole and with a handler stays, and is `repeated` when it comes again; all else is
 * forgotten, since it comes again.
 */
export function disconnect(ledger: Ledger): Ledger {
  return settled({
    ...ledger,
    receiving: nothing,
    running: ledger.running.filter((entry) => entry.endLsn !== undefined),
    waiting: emptyQueue(),
    heard: ledger.durable,
  });
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

const newEntry = (ticket: Ticket, commitLsn: Lsn, endLsn: Lsn | undefined): Entry => ({
  ticket,
  commitLsn,
  endLsn,
  finished: false,
  failures: 0,
});

/** Lets `durable` follow the finished run at the front, and what was heard when nothing at all is held. */
function settled(ledger: Ledger): Ledger {
  let { durable, dispatched, running } = ledger;
  let finished = 0;
  for (const entry of running) {
    const { endLsn } = entry;
    if (endLsn !== undefined) dispatched = laterLsn(dispatched, endLsn);
    if (isUnfinished(entry) || running[finished] !== entry) continue;
    finished += 1;
    if (endLsn !== undefined) durable = laterLsn(durable, endLsn);
  }
  if (finished > 0) running = running.slice(finished);
  const nothingHeld = running.length === 0 && ledger.waiting.size === 0 && ledger.receiving.type === "nothing";
  if (nothingHeld) durable = laterLsn(durable, ledger.heard);
  return { ...ledger, running, durable, dispatched: laterLsn(dispatched, durable) };
}

function changed(ledger: Ledger, ticket: Ticket, change: (entry: Entry) => Entry): Ledger {
  if (!ledger.running.some((entry) => entry.ticket === ticket)) return ledger;
  return { ...ledger, running: ledger.running.map((entry) => (entry.ticket === ticket ? change(entry) : entry)) };
}
