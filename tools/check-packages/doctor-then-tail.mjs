// Runs in a project with the packed @trunkline/cli and @trunkline/testing: a server on which nothing is set up, and a person who
// does exactly what `npx trunkline doctor` says, and then tails.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { startPostgres } from "@trunkline/testing";

/** Runs the command as a user does; answers with its lines and its exit code. */
async function trunkline(args, onStart = async () => {}) {
  const child = spawn("npx", ["--no-install", "trunkline", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [lines] = await Promise.all([collect(createInterface({ input: child.stdout })), onStart()]);
  const [code] = await ended;
  return { lines, code };
}

async function collect(lines) {
  const all = [];
  for await (const line of lines) all.push(line);
  return all;
}

function expectCode(what, { code, lines }, expected) {
  if (code !== expected) throw new Error(`${what} exits with ${code}, not ${expected}:\n${lines.join("\n")}`);
}

const server = await startPostgres({ settings: { wal_level: "replica", max_prepared_transactions: "0" } });
try {
  const client = await server.client();
  await client.query("CREATE TABLE planets (id int PRIMARY KEY, name text)");
  const sick = await trunkline(["doctor", server.url]);
  expectCode("The first doctor", sick, 1);
  const advice = sick.lines.filter((line) => line.startsWith("    ")).map((line) => line.trim());
  for (const sql of advice) await client.query(sql);
  await client.end();
  await server.stop();
  await server.start();
  expectCode("The doctor, after its advice was followed,", await trunkline(["doctor", server.url]), 0);

  const [, command] = /Then: trunkline (.+)/.exec(sick.lines.join("\n")) ?? [];
  if (command === undefined) throw new Error(`The doctor does not say how to go on:\n${sick.lines.join("\n")}`);
  const tail = await trunkline([...command.split(" "), "--limit", "1", "--json", server.url], async () => {
    const writer = await server.client();
    const streaming = "SELECT FROM pg_stat_replication WHERE state = 'streaming'";
    while ((await writer.query(streaming)).rows.length === 0);
    await writer.query("INSERT INTO planets VALUES (1, 'Mercury')");
    await writer.end();
  });
  expectCode("tail", tail, 0);
  console.log(JSON.stringify(JSON.parse(tail.lines[0]).new));
} finally {
  await server[Symbol.asyncDispose]();
}
