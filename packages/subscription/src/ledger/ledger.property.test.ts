import { type Lsn, lsn } from "@trunkline/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  acknowledge,
  begin,
  commit,
  createLedger,
  disconnect,
  dispatch,
  fail,
  finish,
  keepalive,
  type Ledger,
  message,
  nextToDispatch,
} from "./ledger.ts";

const at = (position: number): Lsn => lsn(BigInt(position));

/** One step of the world around the ledger; `pick` chooses among what is possible then. */
const step = fc.record({
  what: fc.constantFrom(
    "begin",
    "commit",
    "message",
    "dispatch",
    "finish",
    "finish",
    "finishLate",
    "fail",
    "keepalive",
    "keepaliveInside",
    "acknowledge",
    "disconnect",
    "crashOfServer",
  ),
  pick: fc.nat(1000),
});

/** A commit record, or a message outside transactions. Its position is its start, or (a message's) its end: W112. */
interface WalRecord {
  readonly kind: "commit" | "message";
  readonly start: number;
  readonly end: number;
}

const positionOf = ({ kind, start, end }: WalRecord): number => (kind === "commit" ? start : end);

interface Delivery {
  readonly ticket: number;
  readonly commitLsn: number;
}

/**
 * A server as W1–W34 tell, and handlers that may be slow, fail, or finish after their connection is gone. WAL: each
 * record of interest takes 10 bytes, with 10 bytes of other records before it.
 */
class World {
  ledger: Ledger = createLedger(at(100));
  readonly wal: WalRecord[] = [];
  /** The next record to send on this connection. */
  sent = 0;
  inside = false;
  confirmed = 100;
  saved = 100;
  readonly running: Delivery[] = [];
  readonly gone: Delivery[] = [];
  /** Positions of which a handler finished a whole delivery. */
  readonly handled = new Set<number>();
  readonly deliveries: number[] = [];

  get walEnd(): number {
    return 100 + this.wal.length * 20;
  }

  /** What the server would send next, if it is of this kind; at the end of the WAL somebody writes one. */
  next(kind: WalRecord["kind"]): WalRecord | undefined {
    if (this.sent === this.wal.length) this.wal.push({ kind, start: this.walEnd + 10, end: this.walEnd + 20 });
    const record = this.wal[this.sent];
    return record?.kind === kind ? record : undefined;
  }

  reconnect(confirmed: number): void {
    for (const delivery of this.running.splice(0)) this.gone.push(delivery);
    this.ledger = disconnect(this.ledger);
    // those with a whole transaction go on
    for (const { ticket } of this.ledger.running) {
      const index = this.gone.findIndex((delivery) => delivery.ticket === ticket);
      if (index !== -1) this.running.push(...this.gone.splice(index, 1));
    }
    const startPoint = Math.max(confirmed, Number(this.ledger.durable));
    const index = this.wal.findIndex(({ start }) => start >= startPoint);
    this.sent = index === -1 ? this.wal.length : index;
    this.inside = false;
    this.confirmed = confirmed;
  }

  take(what: string, pick: number): void {
    switch (what) {
      case "begin": {
        const record = this.inside ? undefined : this.next("commit");
        if (record === undefined) return;
        this.ledger = begin(this.ledger, at(record.start));
        this.inside = true;
        return;
      }
      case "commit": {
        const record = this.inside ? this.next("commit") : undefined;
        if (record === undefined) return;
        this.ledger = commit(this.ledger, at(record.end));
        this.sent += 1;
        this.inside = false;
        return;
      }
      case "message": {
        const record = this.inside ? undefined : this.next("message");
        if (record === undefined) return;
        this.ledger = message(this.ledger, at(record.end));
        this.sent += 1;
        return;
      }
      case "dispatch": {
        const next = nextToDispatch(this.ledger);
        if (next === undefined) return;
        this.ledger = dispatch(this.ledger);
        this.running.push({ ticket: next.ticket, commitLsn: Number(next.commitLsn) });
        this.deliveries.push(Number(next.commitLsn));
        return;
      }
      case "finish": {
        const [delivery] = this.running.splice(pick % Math.max(1, this.running.length), 1);
        if (delivery === undefined) return;
        this.ledger = finish(this.ledger, delivery.ticket);
        this.handled.add(delivery.commitLsn);
        return;
      }
      case "finishLate": {
        const [delivery] = this.gone.splice(pick % Math.max(1, this.gone.length), 1);
        if (delivery !== undefined) this.ledger = finish(this.ledger, delivery.ticket);
        return;
      }
      case "fail": {
        const delivery = this.running[pick % Math.max(1, this.running.length)];
        if (delivery !== undefined) this.ledger = fail(this.ledger, delivery.ticket);
        return;
      }
      case "keepalive": {
        if (this.inside) return;
        // either what was processed, or the first one after a start, which shows the confirmed position
        const processed = this.sent === this.wal.length ? this.walEnd : (this.wal[this.sent]?.start ?? 0);
        this.ledger = keepalive(this.ledger, at(pick % 4 === 0 ? Math.min(this.confirmed, processed) : processed));
        return;
      }
      case "keepaliveInside":
        if (this.inside) this.ledger = keepalive(this.ledger, at((this.wal[this.sent]?.start ?? 0) - (pick % 2)));
        return;
      case "acknowledge":
        this.ledger = acknowledge(this.ledger);
        this.confirmed = Math.max(this.confirmed, Number(this.ledger.acked));
        if (pick % 3 === 0) this.saved = this.confirmed;
        return;
      case "disconnect":
        this.reconnect(this.confirmed);
        return;
      case "crashOfServer":
        this.reconnect(this.saved);
        return;
      default:
        throw new Error(what);
    }
  }
}

const run = { numRuns: 300 };

test("received >= dispatched >= durable >= acked, and none goes back, in whatever order things happen", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const world = new World();
      for (const { what, pick } of steps) {
        const before = world.ledger;
        world.take(what, pick);
        const { received, dispatched, durable, acked } = world.ledger;
        expect(received >= dispatched && dispatched >= durable && durable >= acked).toBe(true);
        expect(received >= before.received && dispatched >= before.dispatched).toBe(true);
        expect(durable >= before.durable && acked >= before.acked).toBe(true);
      }
    }),
    run,
  );
});

test("what is durable never passes the start of a commit or message that no handler has finished", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const world = new World();
      for (const { what, pick } of steps) {
        world.take(what, pick);
        for (const record of world.wal) {
          if (world.handled.has(positionOf(record))) continue;
          expect(Number(world.ledger.durable)).toBeLessThanOrEqual(record.start);
        }
      }
    }),
    run,
  );
});

test("when all is sent and finished, every commit was delivered, in order but for repeats, and durable is the WAL's end", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const world = new World();
      for (const { what, pick } of steps) world.take(what, pick);
      world.take("disconnect", 0);
      while (world.sent < world.wal.length) for (const what of ["begin", "commit", "message"]) world.take(what, 1);
      while (nextToDispatch(world.ledger) !== undefined) world.take("dispatch", 0);
      while (world.running.length > 0) world.take("finish", 0);
      for (const what of ["keepalive", "acknowledge"]) world.take(what, 1);
      expect(world.wal.every((record) => world.handled.has(positionOf(record)))).toBe(true);
      expect(Number(world.ledger.acked)).toBe(world.walEnd);
      const first = [...new Set(world.deliveries)];
      expect(first).toEqual(first.toSorted((a, b) => a - b));
    }),
    run,
  );
});
