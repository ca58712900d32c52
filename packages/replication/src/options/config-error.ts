/** What a person does about each code. The error's message is what is wrong, then this. */
const remedies = {
  option_unknown: "Correct the name or leave it out.",
  option_invalid: "Correct the value.",
  option_missing: "Set it in the options, in the connection string, or in the environment.",
  option_conflict: "Keep one of them.",
  connection_string_invalid: "Write it as postgres://user:password@host:5432/database?sslmode=verify-full.",
} as const;

/** What is wrong with the options, for programs. The list only grows. */
export type ConfigErrorCode = keyof typeof remedies;

/**
 * Options that can't be used. Thrown before any network activity; trying again with the same options can't help.
 * Branch on `code`; `option` is the name as the user wrote it; `message` never holds a password or a connection string.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;
  readonly option: string | undefined;

  constructor(code: ConfigErrorCode, what: string, options: ErrorOptions & { readonly option?: string } = {}) {
    super(`${what} ${remedies[code]}`, options);
    this.code = code;
    this.option = options.option;
  }
}
