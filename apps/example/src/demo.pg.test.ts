import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { sharedPostgres, startPostgres, type TestDatabase } from "@trunkline/testing";
import { expect, test } from "vitest";

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo as a user does: a process of its own. */
const demo = (...args: string[]): Promise<Outcome> => start(args).outcome;

function start(args: readonly string[]): {
  child: ChildProcessByStdio<null, Readable, Readable>;
  outcome: Promise<Outcome>;
} {
  const program = fileURLToPath(new URL("demo.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@trunkline/source", program, ...args], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, outcome };
}

/** What the demo has made in this database and not dropped. */
function leftIn(database: TestDatabase): Promise<unknown[]> {
  return database.query(
    `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'trunkline%'
     UNION ALL SELECT pubname FROM pg_publication UNION ALL SELECT slot_name FROM pg_replication_slots WHERE database = current_database()`,
  );
}

/** What happened, each line once: a transaction may come again when its walsender ends before it reads the acknowledgement. */
function verbs(text: string): string[] {
  const lines = new Set(text.split("\n"));
  return [...lines].flatMap((line) => line.match(/\b(?:INSERT|UPDATE|DELETE|TRUNCATE|BEGIN|COMMIT)\b/) ?? []);
}

/** Whether the texts stand one after the other, whatever stands between them. */
function inOrder(text: string, parts: readonly string[]): boolean {
  let from = 0;
  return parts.every((part) => {
    const at = text.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}

test("the demo prints every change in order, ends with a summary, and leaves nothing on a server given by --url", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  const { code, stdout, stderr } = await demo("--url", database.url);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(verbs(stdout)).toEqual(
    [
      ["INSERT", "INSERT", "INSERT"],
      ["UPDATE", "UPDATE"],
      ["UPDATE", "UPDATE"],
      ["DELETE"],
      ["INSERT", "INSERT"],
      ["UPDATE"],
      ["TRUNCATE"],
    ].flatMap((changes) => ["BEGIN", ...changes, "COMMIT"]),
  );
  expect(stdout).toContain("id=9007199254740993 customer='Ada' total='12.50'");
  expect(stdout).toContain("was id=3 now id=4");
  expect(stdout).toContain("note=(unchanged TOAST)");
  expect(inOrder(stdout, ["orders lost its connection: FATAL 57P01", "orders streams", "id=5"])).toBe(true);
  expect(inOrder(stdout, ["child_terminated of audit", "audit starts", "audit streams", "TRUNCATE"])).toBe(true);
  expect(stdout).toContain("orders: written 12, seen 12, lost 0");
  expect(stdout).toContain("audit: written 12, seen 12, lost 0");
  expect(stdout).toMatch(/12 changes, \d+ bytes decoded, acknowledged up to [0-9A-F]+\/[0-9A-F]+, \d+ ms\./);
  expect(await leftIn(database)).toEqual([]);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s in the middle leaves no slot, and nothing else, on the server",
  async (signal) => {
    const server = await sharedPostgres();
    await using database = await server.database();
    const { child, outcome } = start(["--url", database.url]);
    for await (const line of createInterface(child.stdout)) if (line.includes("INSERT")) break;
    child.kill(signal);
    expect(await outcome).toMatchObject({ code: 130, stderr: "Interrupted.\n" });
    expect(await leftIn(database)).toEqual([]);
  },
);

test("a URL that only some clients understand is refused before anything is made on the server", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  const { code, stderr } = await demo("--url", `${database.url}?pgbouncer=true`);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Can't connect: .*"pgbouncer"/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await leftIn(database)).toEqual([]);
});

test("a server that is not ready is told what is missing and the SQL that fixes it, without a stack trace", async () => {
  await using server = await startPostgres({ settings: { wal_level: "replica" } });
  await using admin = await server.client();
  await admin.query("CREATE ROLE weak LOGIN");
  const url = new URL(server.url);
  url.username = "weak";
  const { code, stdout, stderr } = await demo("--url", url.href);
  expect(code).toBe(1);
  expect(stdout).toBe("");
  for (const line of [
    "ALTER SYSTEM SET wal_level = 'logical';",
    'ALTER ROLE "weak" REPLICATION;',
    'GRANT CREATE ON DATABASE "postgres" TO "weak";',
  ]) {
    expect(stderr).toContain(line);
  }
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("a server that can't be reached and a wrong option are explained in a sentence", async () => {
  const unreachable = await demo("--url", "postgres://nobody@127.0.0.1:1/nothing");
  expect(unreachable.code).toBe(1);
  expect(unreachable.stderr).toMatch(/^Can't connect: .*127\.0\.0\.1:1/);
  expect(unreachable.stderr).not.toMatch(/^\s+at /m);
  const wrong = await demo("--bogus");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("Usage: pnpm demo");
});

test("--serve keeps running with the inspector's address printed, until Ctrl-C, and leaves nothing", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  const { child, outcome } = start(["--serve", "--url", database.url]);
  let address = "";
  for await (const line of createInterface(child.stdout)) {
    address = /^inspector listening on (\S+)$/.exec(line)?.[1] ?? "";
    if (address !== "") break;
  }
  const page = await fetch(address);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<script type="module" src="main.js">');
  child.kill("SIGINT");
  expect(await outcome).toMatchObject({ code: 0, stderr: "" });
  expect(await leftIn(database)).toEqual([]);
});
