import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { source } from "./source.ts";

const child = fileURLToPath(new URL("./memory-child.ts", import.meta.url));

test("one transaction of 1,000,000 rows is read with less than 150 MiB in the whole process", async () => {
  const { database, slot } = await source();
  await using _ = database;
  await database.query("CREATE PUBLICATION things_pub FOR TABLE things WITH (publish_via_partition_root = true)");
  await database.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  await database.query("INSERT INTO things SELECT n, 'a note of some length' FROM generate_series(1, 1000000) AS n");
  const reader = fork(child, [database.url, slot], {
    execArgv: ["--import", "tsx", "--conditions=@trunkline/source"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [seen] = (await once(reader, "message")) as [{ rows: number; idle: number; most: number }];
  reader.send("stop");
  await once(reader, "exit");
  console.info(`${seen.rows} rows; ${seen.idle} MiB before, ${seen.most} MiB at most`);
  expect(seen.rows).toBe(1_000_000);
  expect(seen.most).toBeLessThan(150);
}, 300_000);
