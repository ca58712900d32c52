import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomNumbers } from "@trunkline/testing";
import { expect, test } from "vitest";
import { source, until } from "./source.ts";

/** How often the process is killed: 20 by default, more for a soak. */
const kills = Number(process.env["CRASH_KILLS"] ?? 20);
const child = fileURLToPath(new URL("./crash-child.ts", import.meta.url));

test(`killed ${kills} times at random under load, a subscription loses no row, and repeats only positions`, async () => {
  const { database, slot } = await source();
  await using _ = database;
  await database.query("CREATE PUBLICATION things_pub FOR TABLE things WITH (publish_via_partition_root = true)");
  await database.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  const directory = await mkdtemp(join(tmpdir(), "trunkline-crash-"));
  const file = join(directory, "rows");
  const random = randomNumbers(kills);
  const lines = async (): Promise<string[]> => {
    const text = await readFile(file, "utf8").catch(() => "");
    return text.split("\n").slice(0, -1);
  };
  const start = async (): Promise<ChildProcess> => {
    const process = fork(child, [database.url, slot, file], {
      execArgv: ["--import", "tsx", "--conditions=@trunkline/source"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    await once(process, "message");
    return process;
  };
  let last = 0;
  let writing = true;
  const writer = (async () => {
    while (writing) {
      last += 1;
      await database.query("INSERT INTO things VALUES ($1), (-$1::int)", [last]);
    }
  })();
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const running = await start();
      // A random amount of work later, wherever it then stands.
      const enough = (await lines()).length + Math.floor(random() * 100);
      await until(async () => (await lines()).length > enough);
      running.kill("SIGKILL");
      await once(running, "exit");
    }
    writing = false;
    await writer;
    const running = await start();
    await until(async () => (await lines()).some((line) => line.endsWith(` ${last}`)));
    running.kill("SIGKILL");
    await once(running, "exit");
    const all = await lines();
    const byPosition = new Map<string, string>();
    for (const line of all) {
      const [position = "", id = ""] = line.split(" ");
      expect(byPosition.get(position) ?? id).toBe(id);
      byPosition.set(position, id);
    }
    const ids = [...byPosition.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: last }, (_row, index) => [index + 1, -(index + 1)]).flat());
    console.info(`${kills} kills, ${ids.length} rows, ${all.length - ids.length} repeated, 0 lost`);
  } finally {
    writing = false;
    await writer;
    await rm(directory, { recursive: true, force: true });
  }
}, 1_800_000);
