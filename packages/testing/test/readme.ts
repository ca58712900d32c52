import { faultProxy, startPostgres } from "@trunkline/testing";

await using server = await startPostgres({ version: 18 });
await using database = await server.database();
await database.query("CREATE TABLE fruit (id int PRIMARY KEY, name text)");
await using publication = await database.publication();
await using slot = await database.slot();

await using proxy = await faultProxy({ target: server });
await using client = await database.client({ port: proxy.port });
await client.query("INSERT INTO fruit VALUES (1, 'fig')");
proxy.cut("rst");
await client.query("INSERT INTO fruit VALUES (2, 'plum')").catch(() => console.log("the connection is lost"));

await server.stop("immediate");
await server.start();
console.log(`Postgres ${server.version} is back after a crash`);

const sql =
  "SELECT data FROM pg_logical_slot_get_binary_changes($1, NULL, NULL, 'proto_version', '1', 'publication_names', $2)";
const changes = await database.query<{ data: Buffer }>(sql, [slot.name, publication.name]);
console.log(`changes: ${changes.map(({ data }) => data.toString("latin1", 0, 1)).join(" ")}`);
