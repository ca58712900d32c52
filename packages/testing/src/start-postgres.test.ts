import { beforeEach, expect, test, vi } from "vitest";
import { startPostgres } from "./start-postgres.ts";

beforeEach(() => {
  for (const name of ["URL", "VERSION", "PROVIDER"]) vi.stubEnv(`TRUNKLINE_TEST_POSTGRES_${name}`, "");
  return () => vi.unstubAllEnvs();
});

test("a version in the environment that is none is refused by name", async () => {
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

test("an option that is none is refused, with the one that was meant", async () => {
  const options: object = { versoin: 17 };
  await expect(startPostgres(options)).rejects.toMatchObject({ code: "option_invalid" });
  await expect(startPostgres(options)).rejects.toThrow('startPostgres has no option "versoin". Did you mean version?');
});

test("a provider that is none is refused by name, from the environment as well", async () => {
  const provider = "podman" as "embedded";
  await expect(startPostgres({ provider })).rejects.toThrow(/"podman"; known are embedded, testcontainers/);
  vi.stubEnv("TRUNKLINE_TEST_POSTGRES_PROVIDER", "docker");
  await expect(startPostgres()).rejects.toThrow(/"docker"; known are embedded, testcontainers/);
});

test.each([
  [{ url: "postgres://127.0.0.1/postgres", ssl: true }, "url can't be combined with ssl"],
  [{ url: "postgres://127.0.0.1/postgres", provider: "embedded" as const }, "url can't be combined with provider"],
  [{ image: "postgres:16", version: 16 as const }, "image can't be combined with version"],
  [{ image: "postgres:16", provider: "embedded" as const }, "image can't be combined with the provider embedded"],
])("options that exclude each other are refused: %o", async (options, why) => {
  await expect(startPostgres(options)).rejects.toMatchObject({ code: "option_invalid" });
  await expect(startPostgres(options)).rejects.toThrow(why);
});
