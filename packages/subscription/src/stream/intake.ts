import { unreachable } from "@trunkline/process";
import type { DecodedMessage, LogicalMessage, Lsn } from "@trunkline/protocol";
import { SubscriptionError } from "../errors/subscription-error.ts";
import * as ledgers from "../ledger/ledger.ts";
import { type AnyChange, type StandaloneMessage, standalone } from "./change.ts";
import { HeldTransaction, type TransactionHead } from "./held-transaction.ts";
import { KnownRelations, toChange, toMessage } from "./to-change.ts";

/** How much may be held between the connection and the handler. */
export interface IntakeLimits {
  readonly changes: number;
  /** As they were on the wire. */
  readonly bytes: number;
}

/** Who is told of what happens. Called synchronously, so it must not throw. */
export interface IntakeListeners {
  /** There is room again after {@link Intake.full}. */
  room(): void;
  /** The durable position has moved past what was acknowledged. `by`: a handler, or a keepalive while nothing is held. */
  durable(by: "handler" | "keepalive"): void;
}

/** What is handed to the dispatcher. */
export type Work =
  | { readonly type: "transaction"; readonly ticket: ledgers.Ticket; readonly held: HeldTransaction }
  | {
      readonly type: "message";
      readonly ticket: ledgers.Ticket;
      readonly message: StandaloneMessage;
      readonly end: Lsn;
      readonly bytes: number;
    };

/**
 * What lies between a connection and the dispatcher, for the life of one subscription: the ledger, and the changes of
 * the transactions that it holds. It is called by both sides and runs nobody's code but the listeners'.
 */
export class Intake {
  readonly #limits: IntakeLimits;
  readonly #listeners: IntakeListeners;
  readonly #relations = new KnownRelations();
  readonly #held = new Map<ledgers.Ticket, Work>();
  #ledger: ledgers.Ledger;
  #current: HeldTransaction | undefined;
  #index = 0;
  #changes = 0;
  #bytes = 0;
  #full = false;
  #paused = false;
  #stopped = false;
  #recalls = false;
  #received = 0;
  #finished = 0;
  #waiter: ((work: Work | undefined) => void) | undefined;

  constructor(durable: Lsn, limits: IntakeLimits, listeners: IntakeListeners) {
    this.#ledger = ledgers.createLedger(durable);
    this.#limits = limits;
    this.#listeners = listeners;
  }

  get ledger(): ledgers.Ledger {
    return this.#ledger;
  }

  /** What is held just now. */
  get buffered(): IntakeLimits {
    return { changes: this.#changes, bytes: this.#bytes };
  }

  /** Changes of whole transactions since the start: that have come, and that are handled. Repeated ones count again. */
  get counts(): { readonly received: number; readonly handled: number } {
    return { received: this.#received, handled: this.#finished };
  }

  /** The oldest transaction that is not finished, handed out or not; `undefined` also where it is a message. */
  get oldest(): TransactionHead | undefined {
    const entry = ledgers.oldestUnfinished(this.#ledger);
    const work = entry === undefined ? undefined : this.#held.get(entry.ticket);
    return work?.type === "transaction" ? work.held.head : undefined;
  }

  /** Whether the connection must hold back until `room` is called. */
  get full(): boolean {
    return this.#full;
  }

  /** Whether so many changes and bytes more would make it full. */
  fullWith(changes: number, bytes: number): boolean {
    return this.#changes + changes >= this.#limits.changes || this.#bytes + bytes >= this.#limits.bytes;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** How many transactions are not finished. */
  get unfinished(): number {
    return ledgers.unfinished(this.#ledger);
  }

  /** Takes one message of the stream. `bytes`: its length on the wire. */
  take(message: DecodedMessage, bytes: number): void {
    switch (message.kind) {
      case "begin":
        this.#begin(message);
        return;
      case "commit":
        this.#commit(message.endLsn);
        return;
      case "origin":
        if (this.#current !== undefined) this.#current.origin = message.name;
        return;
      case "relation": {
        const altered = this.#relations.learn(message, this.#position());
        if (altered !== undefined) this.#push(altered, bytes);
        return;
      }
      case "insert":
      case "update":
      case "delete":
      case "truncate":
        if (this.#current !== undefined) this.#push(toChange(message, this.#position()), bytes);
        this.#index += 1;
        return;
      case "message":
        if (message.transactional) {
          if (this.#current !== undefined) this.#push(toMessage(message, this.#position()), bytes);
          this.#index += 1;
        } else this.#standalone(message, bytes);
        return;
      case "type":
        return;
      case "streamStart":
      case "streamStop":
      case "streamCommit":
      case "streamAbort":
      case "streamPrepare":
      case "beginPrepare":
      case "prepare":
      case "commitPrepared":
      case "rollbackPrepared":
        throw new SubscriptionError("slot_unsuitable", `The slot sends transactions in parts (${message.kind}).`);
      default:
        unreachable(message);
    }
  }

  /** A keepalive has come. */
  keepalive(walEnd: Lsn): void {
    const { durable } = this.#ledger;
    this.#ledger = ledgers.keepalive(this.#ledger, walEnd);
    if (this.#ledger.durable > durable) this.#listeners.durable("keepalive");
  }

  /** The durable position has been reported to the server. */
  acknowledged(): void {
    this.#ledger = ledgers.acknowledge(this.#ledger);
  }

  /** The connection is gone: what wasn't received whole comes again. */
  disconnected(): void {
    const cut = new SubscriptionError("transaction_cut", "The connection was lost in the middle of a transaction.");
    this.#ledger = ledgers.disconnect(this.#ledger);
    const kept = new Set(this.#ledger.running.map(({ ticket }) => ticket));
    for (const [ticket, work] of this.#held) {
      if (kept.has(ticket)) continue;
      if (work.type === "transaction") work.held.abandon(cut);
      this.#letGo(ticket);
    }
    this.#current = undefined;
    this.#recalls = false;
    this.#offer();
  }

  /** A transaction can't be read again and isn't finished: nothing is handed out until it has come on a new connection. */
  comesAgain(ticket: ledgers.Ticket): void {
    this.#ledger = ledgers.comeAgain(this.#ledger, ticket);
    this.#recalls = true;
  }

  /**
   * The next transaction in commit order; waits for it. `undefined` when nothing more will be handed out. One that does
   * not fit is handed out before it is whole.
   */
  next(): Promise<Work | undefined> {
    return new Promise((resolve) => {
      this.#waiter = resolve;
      this.#offer();
    });
  }

  /** What a transaction did is durable. */
  finished(ticket: ledgers.Ticket): void {
    const before = this.#ledger.durable;
    this.#ledger = ledgers.finish(this.#ledger, ticket);
    const work = this.#held.get(ticket);
    this.#finished += work?.type === "transaction" ? work.held.length : 1;
    this.#letGo(ticket);
    this.#moved(before);
  }

  /** A handler has failed. */
  failed(ticket: ledgers.Ticket): void {
    this.#ledger = ledgers.fail(this.#ledger, ticket);
  }

  /** Whether this delivery still counts: it does not when the connection was lost in the middle of it. */
  running(ticket: ledgers.Ticket): boolean {
    return this.#ledger.running.some((entry) => entry.ticket === ticket);
  }

  /** Hands out nothing until {@link Intake.resume}; what is with the handler goes on. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#offer();
  }

  /** Hands out nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#offer();
  }

  #begin({ finalLsn, xid, commitClock }: Extract<DecodedMessage, { kind: "begin" }>): void {
    this.#ledger = ledgers.begin(this.#ledger, finalLsn);
    this.#index = 0;
    this.#current = undefined;
    const { receiving } = this.#ledger;
    if (receiving.type !== "held") return;
    const { ticket } = receiving.entry;
    const held = new HeldTransaction({ ticket, xid, commitLsn: finalLsn, commitClock }, (changes, bytes) =>
      this.#free(changes, bytes),
    );
    this.#current = held;
    this.#held.set(ticket, { type: "transaction", ticket, held });
  }

  #commit(endLsn: Lsn): void {
    const before = this.#ledger.durable;
    this.#ledger = ledgers.commit(this.#ledger, endLsn);
    if (this.#current !== undefined) {
      this.#current.complete(endLsn, this.#index);
      this.#received += this.#index;
      this.#current = undefined;
    }
    this.#moved(before);
    if (this.#ledger.waiting.size >= this.#limits.changes) this.#full = true; // they may be empty, and yet take room
    this.#offer();
  }

  #standalone(message: LogicalMessage, bytes: number): void {
    const { waiting } = this.#ledger;
    this.#ledger = ledgers.message(this.#ledger, message.lsn);
    if (this.#ledger.waiting.size === waiting.size) return;
    const ticket = this.#ledger.nextTicket - 1;
    this.#held.set(ticket, { type: "message", ticket, message: standalone(message), end: message.lsn, bytes });
    this.#received += 1;
    this.#hold(bytes);
    this.#offer();
  }

  #push(change: AnyChange, bytes: number): void {
    if (this.#current?.push(change, bytes) !== true) return;
    this.#hold(bytes);
    if (this.#full) this.#offer();
  }

  #hold(bytes: number): void {
    this.#changes += 1;
    this.#bytes += bytes;
    if (this.fullWith(0, 0)) this.#full = true;
  }

  #offer(): void {
    if (this.#waiter === undefined) return;
    if (this.#stopped) {
      this.#handOver(undefined);
      return;
    }
    const entry = this.#paused || this.#recalls ? undefined : ledgers.nextToDispatch(this.#ledger);
    if (entry === undefined) return;
    const partial = entry.endLsn === undefined;
    if (partial && !this.#full) return;
    const work = this.#held.get(entry.ticket);
    if (work === undefined) throw new Error(`Unreachable: nothing is held for ticket ${entry.ticket}`);
    if (partial && work.type === "transaction") work.held.letGoWhatIsRead();
    this.#ledger = ledgers.dispatch(this.#ledger);
    this.#handOver(work);
    this.#free(0, 0);
  }

  #handOver(work: Work | undefined): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.(work);
  }

  #letGo(ticket: ledgers.Ticket): void {
    const work = this.#held.get(ticket);
    if (work === undefined) return;
    this.#held.delete(ticket);
    if (work.type === "transaction") work.held.discard();
    else this.#free(1, work.bytes);
  }

  #free(changes: number, bytes: number): void {
    this.#changes -= changes;
    this.#bytes -= bytes;
    if (!this.#full || this.#changes * 2 > this.#limits.changes || this.#bytes * 2 > this.#limits.bytes) return;
    if (this.#ledger.waiting.size * 2 > this.#limits.changes) return;
    this.#full = false;
    this.#listeners.room();
  }

  #moved(before: Lsn): void {
    if (this.#ledger.durable > before) this.#listeners.durable("handler");
  }

  #position = () => ({ commitLsn: this.#current?.head.commitLsn ?? this.#ledger.durable, index: this.#index });
}
