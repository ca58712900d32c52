/**
 * The demo: a real Postgres, real changes, decoded. `pnpm demo`, or `pnpm demo --url postgres://…` for your own server,
 * `pnpm demo --serve` for a program that stays, and a look inside.
 */
import { startPostgres } from "@trunkline/testing";
import { parseArguments, UsageError, usage } from "./demo/arguments.ts";
import { paletteFor } from "./demo/palette.ts";
import { DemoError, runDemo } from "./demo/run-demo.ts";
import { serveDemo } from "./demo/serve.ts";

const palette = paletteFor(process.stdout);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const interrupted = new AbortController();
// Once: a second Ctrl-C ends the process as usual.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
const surroundings = { say, palette, signal: interrupted.signal };

async function main(): Promise<void> {
  const given = parseArguments(process.argv.slice(2));
  if (given === "help") return say(usage);
  const run = given.serve === true ? serveDemo : runDemo;
  if (given.url !== undefined) return run(given.url, surroundings);
  say(palette.dim("Starting an embedded PostgreSQL (the first time takes a few seconds) …"));
  await using server = await startPostgres();
  say(palette.dim(`PostgreSQL ${server.serverVersion} is ready at ${server.host}:${server.port}.`));
  await run(server.url, surroundings);
}

try {
  await main();
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${usage}\n`);
    process.exitCode = 2;
  } else if (error instanceof DemoError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = interrupted.signal.aborted ? 130 : 1;
  } else {
    throw error;
  }
}
