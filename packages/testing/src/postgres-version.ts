import { TestingError } from "./errors.ts";

/** The major versions whose binaries the embedded provider can run, oldest first. */
export const postgresVersions = [14, 15, 16, 17, 18] as const;

/** A major version of Postgres that the embedded provider can run. */
export type PostgresVersion = (typeof postgresVersions)[number];

/** The version an embedded server gets when neither an option nor the environment names one. */
export const defaultPostgresVersion = 18 satisfies PostgresVersion;

/**
 * Reads a major version, as `TRUNKLINE_TEST_POSTGRES_VERSION` gives it.
 * @throws TestingError `option_invalid`, unless it is one of {@link postgresVersions}.
 */
export function parsePostgresVersion(text: string): PostgresVersion {
  const version = postgresVersions.find((known) => String(known) === text.trim());
  if (version === undefined) {
    throw new TestingError(
      "option_invalid",
      `Not a Postgres version: "${text}"; known are ${postgresVersions.join(", ")}.`,
    );
  }
  return version;
}
