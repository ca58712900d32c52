import type { TestDatabase } from "@trunkline/testing";

/**
 * Holds the walsender of the one temporary slot, by SIGSTOP, while `work` runs. So a client that can't be given an
 * older slot finds all rows written when its stream begins, like the others.
 */
export async function holdingTemporaryWalsender(database: TestDatabase, work: () => Promise<void>): Promise<void> {
  const [slot] = await database.query<{ pid: number | null }>(
    "SELECT active_pid AS pid FROM pg_replication_slots WHERE temporary",
  );
  if (slot?.pid === undefined || slot.pid === null) throw new Error("No walsender holds a temporary slot.");
  process.kill(slot.pid, "SIGSTOP");
  try {
    await work();
  } finally {
    process.kill(slot.pid, "SIGCONT");
  }
}
