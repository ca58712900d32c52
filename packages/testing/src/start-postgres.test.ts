import { afterEach, expect, test, vi } from "vitest";
import { startPostgres } from "./start-postgres.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a version in the environment that is none is refused by name", async () => {
  vi.stubEnv("TRUNKLINE_TEST_POSTGRES_URL", "");
  vi.stubEnv("TRUNKLINE_TEST_POSTGRES_VERSION", "9.6");
  await expect(startPostgres()).rejects.toThrow(/Not a Postgres version: "9.6"; known are 14, 15, 16, 17, 18/);
});

test("a version that the types forbid is refused as well", async () => {
  await expect(startPostgres({ version: 13 as 14 })).rejects.toThrow(/known are 14, 15, 16, 17, 18/);
});

test("the environment's URL is used when no option needs a server of our own", async () => {
  vi.stubEnv("TRUNKLINE_TEST_POSTGRES_URL", "postgres://127.0.0.1:1/nobody-listens-here");
  await expect(startPostgres()).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
