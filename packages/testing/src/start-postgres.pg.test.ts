import { expect, test } from "vitest";
import { startPostgres } from "./start-postgres.ts";

test("a started server accepts connections and decodes logically", async () => {
  await using server = await startPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE fruit (id int PRIMARY KEY, name text)");
  await using publication = await database.publication();
  await using slot = await database.slot();
  await database.query("INSERT INTO fruit VALUES (1, 'fig')");
  const changes = await database.query(
    "SELECT data FROM pg_logical_slot_get_binary_changes($1, NULL, NULL, 'proto_version', '1', 'publication_names', $2)",
    [slot.name, publication.name],
  );
  expect(changes.map(({ data }) => (data as Buffer).toString("latin1", 0, 1)).join("")).toBe("BRIC");
});
