import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeRuntime, silentLogger } from "@trunkline/process";
import { createChangeDecoder, isXLogData, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import {
  createReplicationSlot,
  noreply,
  query,
  ReplicationConnection,
  startReplication,
  stop,
  stream,
} from "@trunkline/replication";
import { type PostgresServer, startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { parse } from "yaml";

const readme = await readFile(new URL("../../../packages/replication/README.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, text]) => text ?? "");
const [alterSystem = "", publications = "", slots = ""] = blocks("sql");
const [compose = "", actions = ""] = blocks("yaml");

const quiet = makeRuntime({ logger: silentLogger });

async function walLevel(server: PostgresServer): Promise<unknown> {
  await using client = await server.client();
  return (await client.query("SHOW wal_level")).rows[0]?.wal_level;
}

async function restart(server: PostgresServer): Promise<void> {
  await server.stop();
  await server.start();
}

test("the SQL turns logical decoding on after a restart, and not before", async () => {
  await using server = await startPostgres({ settings: { wal_level: "replica" } });
  await using client = await server.client();
  const makeSlot = "SELECT pg_create_logical_replication_slot('s', 'pgoutput')";
  await expect(client.query(makeSlot)).rejects.toMatchObject({ code: "55000" });
  await client.query(alterSystem);
  await client.query("SELECT pg_reload_conf()");
  expect(await walLevel(server)).toBe("replica");
  await restart(server);
  expect(await walLevel(server)).toBe("logical");
  await using again = await server.client();
  await again.query(makeSlot);
});

test("the flags of the Compose file give a server that decodes logically", async () => {
  const { command, image } = (parse(compose) as Compose).services["postgres"] ?? { command: [], image: "" };
  expect(image).toMatch(/^postgres:\d+$/);
  expect(command[0]).toBe("postgres");
  const flags = command.slice(1).filter((word) => word !== "-c");
  const settings = Object.fromEntries(flags.map((flag) => flag.split("=") as [string, string]));
  await using server = await startPostgres({ settings: { wal_level: "replica", ...settings } });
  expect(await walLevel(server)).toBe("logical");
});

test("the step for GitHub Actions changes the setting, restarts, and waits", async () => {
  const job = (parse(actions) as Workflow).jobs["test"];
  const services = Object.keys(job?.services ?? {});
  const script = (job?.steps[0]?.run ?? "").replaceAll(/\$\{\{ job\.services\.(\w+)\.id \}\}/g, "$1");
  const commands = await dockerCommands(script);
  expect(commands.map(([, service]) => service)).toEqual(commands.map(() => services[0]));
  await using server = await startPostgres({ settings: { wal_level: "replica" } });
  for (const [verb, , program, ...words] of commands) {
    if (verb === "restart") await restart(server);
    else if (program === "psql") {
      await using client = await server.client();
      await client.query(words.at(-1) ?? "");
    } else expect([verb, program, server.running]).toEqual(["exec", "pg_isready", true]);
  }
  expect(commands.map(([verb, , program]) => program ?? verb)).toEqual(["psql", "restart", "pg_isready"]);
  expect(await walLevel(server)).toBe("logical");
});

test("a user needs the attribute that the README gives it, and no right on the tables", async () => {
  await using server = await startPostgres({ settings: {} });
  await using client = await server.client();
  const [, grant = "", role = ""] = /`(ALTER ROLE (\w+) REPLICATION)`/.exec(readme) ?? [];
  await client.query(`CREATE ROLE ${role} LOGIN`);
  await client.query("CREATE TABLE orders (id int PRIMARY KEY)");
  await client.query("CREATE PUBLICATION orders FOR TABLE orders");
  const url = Object.assign(new URL(server.url), { username: role }).href;
  await expect(listen(url, "orders")).rejects.toMatchObject({ code: "exited", reason: { error: { code: "42501" } } });
  await client.query(grant);
  const { kinds } = await listen(url, "orders");
  await client.query("INSERT INTO orders VALUES (1)");
  await client.query("SELECT pg_logical_emit_message(true, 'readme', 'the end')");
  expect(await kinds).toContain("insert");
});

// 14 and 15 differ; the newest is what most people have.
test.each([14, 15, 18] as const)(
  "on PostgreSQL %d the filters of a publication let through what the README says",
  async (version) => {
    await using server = await startPostgres({ version });
    await using client = await server.client();
    for (const table of ["orders", "customers"])
      await client.query(`CREATE TABLE ${table} (id int PRIMARY KEY, n int)`);
    await client.query(publications);
    const made = await client.query(
      "SELECT pubname FROM pg_publication WHERE pubinsert AND pubupdate AND pubdelete AND pubtruncate ORDER BY 1",
    );
    expect(made.rows.map(({ pubname }) => pubname)).toEqual(["everything", "shop"]);
    const inserts = await listen(server.url, "inserts");
    const nothing = await listen(server.url, "nothing");
    await client.query("INSERT INTO orders VALUES (1, 1)");
    await client.query("UPDATE orders SET n = 2");
    await client.query("DELETE FROM orders");
    await client.query("TRUNCATE orders");
    await client.query("SELECT pg_logical_emit_message(true, 'readme', 'the end')");
    const empty = version === 14 ? ["begin", "commit"] : [];
    const message = ["begin", "message", "commit"];
    expect(await inserts.kinds).toEqual([
      ...["begin", "relation", "insert", "commit"],
      ...[...empty, ...empty, ...empty],
      ...message,
    ]);
    expect(await nothing.kinds).toEqual([...empty, ...empty, ...empty, ...empty, ...message]);
    for (const statement of slots.split("\n").filter((line) => line !== "")) await client.query(statement);
    expect((await client.query("SELECT FROM pg_replication_slots WHERE NOT temporary")).rowCount).toBe(0);
  },
);

interface Compose {
  readonly services: Readonly<Record<string, { readonly image: string; readonly command: readonly string[] }>>;
}

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly services: object; readonly steps: readonly { readonly run: string }[] }>
  >;
}

/** What a shell script asks of docker, word by word. Each command succeeds at once. */
async function dockerCommands(script: string): Promise<readonly (readonly string[])[]> {
  const directory = await mkdtemp(join(tmpdir(), "trunkline-docker-"));
  try {
    const log = join(directory, "log");
    const docker = join(directory, "docker");
    await writeFile(docker, `#!/bin/sh\nprintf '%s\\t' "$@" >>'${log}'\necho >>'${log}'\n`);
    await chmod(docker, 0o755);
    await promisify(execFile)("sh", ["-e", "-c", script], { env: { PATH: `${directory}:/usr/bin:/bin` } });
    const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
    return lines.map((line) => line.split("\t").slice(0, -1));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Streams a publication: `kinds` are those of its messages, up to the commit of a logical message. */
async function listen(connectionString: string, publication: string): Promise<{ kinds: Promise<readonly string[]> }> {
  const seen: string[] = [];
  const decoder = createChangeDecoder();
  const ended = new EventEmitter();
  const kinds = once(ended, "ended").then(() => seen);
  const slot = `readme_${publication}`;
  const Listener = ReplicationConnection.define<null>({
    init: () => null,
    handleConnect: (state) => query(createReplicationSlot({ slot, temporary: true }), state),
    handleResult: (results, state) => {
      if (results instanceof Error) return stop(results);
      return stream(startReplication({ slot, publications: [publication], messages: true }), state);
    },
    handleData: (data, state) => {
      if (typeof data === "symbol" || !isXLogData(data)) return noreply(state);
      seen.push(decoder.decode(data, X_LOG_DATA_HEADER_BYTES).kind);
      if (seen.at(-1) !== "commit" || seen.at(-2) !== "message") return noreply(state);
      ended.emit("ended");
      return stop("normal");
    },
  });
  await Listener.startLink(null, { connectionString, runtime: quiet });
  return { kinds };
}
