import { connect, type Session } from "@trunkline/replication";
import { type PostgresVersion, startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { firstValue, pinned } from "../session/sql-session.ts";
import { decideOwnership } from "./decide-ownership.ts";
import { endHoldersSql, holdersSql, parseHolders, tryLockSql } from "./slot-lock.ts";

const versions: readonly PostgresVersion[] = [14, 16, 18];
const tryLock = async (session: Session, slot: string) => (await firstValue(session, tryLockSql(slot))) === "t";
const look = async (session: Session, slot: string) =>
  parseHolders((await firstValue(session, holdersSql(slot))) ?? "");

/** Asks until the lock is ours; each answer comes from the server, so no time is measured. */
async function poll(session: Session, slot: string): Promise<void> {
  while (!(await tryLock(session, slot)));
}

test.each(versions)(
  "on PostgreSQL %i one session at a time has a slot's lock, and the next has it when that one ends",
  async (version) => {
    await using server = await startPostgres({ version });
    await using database = await server.database();
    await using slot = await database.slot();
    const open = (name: string) =>
      connect(pinned({ connectionString: database.url, parameters: { application_name: name } }));
    const [first, second] = await Promise.all([open("first"), open("second")]);
    try {
      expect(await tryLock(first, slot.name)).toBe(true);
      expect(await tryLock(first, slot.name)).toBe(true); // again: ours already
      expect(await tryLock(second, slot.name)).toBe(false);
      expect(await tryLock(second, `${slot.name}x`)).toBe(true);
      const holders = await look(second, slot.name);
      expect(holders).toMatchObject({ lock: { pid: first.connectionId, application: "first" }, slotPid: undefined });
      // the waiting one holds nothing back
      const xmin = await database.query("SELECT backend_xmin FROM pg_stat_activity WHERE pid = $1", [
        second.connectionId,
      ]);
      expect(xmin).toEqual([{ backend_xmin: null }]);
      await first.close();
      await poll(second, slot.name);
      expect(await look(second, slot.name)).toMatchObject({ lock: { pid: second.connectionId } });
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  },
);

test.each(versions)(
  "on PostgreSQL %i taking over ends the owner, and nobody who holds neither lock nor slot",
  async (version) => {
    await using server = await startPostgres({ version });
    await using database = await server.database();
    await using slot = await database.slot();
    await using bystander = await database.client();
    const [{ pid: bystanderPid } = { pid: 0 }] = (
      await bystander.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
    ).rows;
    let ended: unknown;
    const owner = await connect(pinned({ connectionString: database.url }), {
      listeners: {
        closed: (reason) => {
          ended = reason;
        },
      },
    });
    const newer = await connect(pinned({ connectionString: database.url }));
    try {
      await poll(owner, slot.name);
      const holders = await look(newer, slot.name);
      const decision = decideOwnership({
        ownership: "takeover",
        locked: await tryLock(newer, slot.name),
        ownPid: newer.connectionId,
        holders,
        ownedBefore: false,
      });
      expect(decision).toEqual({ type: "takeOver", pids: [owner.connectionId] });
      // the bystander and we ourselves are named too, and left alone
      const pids = [owner.connectionId, bystanderPid, newer.connectionId];
      const results = await newer.query(endHoldersSql(slot.name, pids));
      expect(results.at(-1)?.rows).toEqual([["t"]]);
      await poll(newer, slot.name);
      expect((await bystander.query("SELECT 1 AS n")).rows).toEqual([{ n: 1 }]);
      expect(ended).toMatchObject({ code: "57P01" });
    } finally {
      await Promise.all([owner.close(), newer.close()]);
    }
  },
);
