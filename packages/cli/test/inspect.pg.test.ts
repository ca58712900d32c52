import { sharedPostgres } from "@trunkline/testing";
import { expect, test, vi } from "vitest";
import { readSlots, start, tidy } from "./command.ts";

// Each command is a process that compiles its sources: a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000 });

test("inspect prints the address of a page that answers, and Ctrl-C ends both", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY)");
  const inspecting = start(["inspect", database.url, "--table", "orders", "--port", "0"]);
  await inspecting.stdoutHas(/\n/);
  await readSlots(database);
  const address = inspecting.written().stdout.trim();
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  const page = await fetch(address);
  expect({ status: page.status, html: (await page.text()).includes("<!doctype html>") }).toEqual({
    status: 200,
    html: true,
  });
  expect((await fetch(new URL("/nothing", address))).status).toBeGreaterThanOrEqual(400);
  inspecting.child.kill("SIGINT");
  expect(await inspecting.ended).toMatchObject({ exitCode: 0, stderr: "" });
  await expect(fetch(address)).rejects.toThrow();
  await tidy(database);
});
