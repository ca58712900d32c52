// Starts a server, tells where it lives, and waits to be killed.
import { startPostgres } from "../src/start-postgres.ts";

const server = await startPostgres({ settings: {} });
await using client = await server.client();
const found = await client.query<{ text: string }>("SELECT pg_read_file('postmaster.pid') AS text");
const postmaster = Number(found.rows[0]?.text.split("\n")[0]);
process.stdout.write(`${JSON.stringify({ postmaster, directory: server.socketDir })}\n`);
setInterval(() => {}, 60_000);
