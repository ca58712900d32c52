// Starts a server, uses it, and comes to its end without stopping it.
import { startPostgres } from "../src/start-postgres.ts";

const server = await startPostgres({ settings: {} });
await using client = await server.client();
await client.query("SELECT 1");
process.stdout.write(`${JSON.stringify({ postmaster: process.pid, directory: server.socketDir })}\n`);
