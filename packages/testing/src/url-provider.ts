import pg from "pg";
import { TestingError } from "./errors.ts";
import type { ProvidedServer } from "./provider.ts";

const needed = [
  { name: "wal_level", ok: (value: string) => value === "logical", wanted: "logical" },
  { name: "max_replication_slots", ok: (value: string) => Number(value) >= 4, wanted: "40" },
  { name: "max_wal_senders", ok: (value: string) => Number(value) >= 4, wanted: "20" },
  { name: "max_prepared_transactions", ok: (value: string) => Number(value) > 0, wanted: "20" },
];

/**
 * Uses a server that runs already, and leaves it as it is.
 * @throws TestingError `server_unsuitable` with the SQL that changes it; pg's own error when it can't be reached.
 */
export async function serverByUrl(url: string): Promise<ProvidedServer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const fixes: string[] = [];
    for (const { name, ok, wanted } of needed) {
      const value = String((await client.query(`SHOW ${name}`)).rows[0]?.[name]);
      if (!ok(value)) fixes.push(`ALTER SYSTEM SET ${name} = '${wanted}'; -- is ${value}`);
    }
    if (fixes.length > 0)
      throw new TestingError("server_unsuitable", `The server lacks what tests need:\n${fixes.join("\n")}\n`);
  } finally {
    await client.end();
  }
  return { url, socketDir: undefined, certificates: undefined, control: undefined, release: async () => {} };
}
