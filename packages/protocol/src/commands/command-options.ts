import { ProtocolError } from "../protocol-error.ts";

/**
 * The server's major version, `14` to `18` and up: `server_version_num` divided by 10000. Given, it lets a command use
 * newer syntax, and refuses options that the server does not know; left out, the syntax that most servers read is used.
 */
export type ServerVersion = number;

/**
 * Refuses an option that the server is too old for. Without a version there is nothing to refuse.
 * @throws ProtocolError `option_unsupported`; `option_invalid` when the version is not a major version.
 */
export function requireServer(version: ServerVersion | undefined, least: number, what: string): void {
  if (version === undefined) return;
  if (!Number.isInteger(version) || version < 1 || version > 999) {
    throw new ProtocolError("option_invalid", `serverVersion is ${String(version)}, not a major version such as 17.`);
  }
  if (version < least) {
    throw new ProtocolError("option_unsupported", `${what} needs PostgreSQL ${least}; the server is ${version}.`);
  }
}

/** Whether the server reads the syntax that came with `least`; `false` when its version is not known. */
export function serverHas(version: ServerVersion | undefined, least: number): boolean {
  return version !== undefined && version >= least;
}

/** Passes one of the values that are allowed. @throws ProtocolError `option_invalid`, naming them all. */
export function oneOf<T extends string | number | boolean>(value: T, allowed: readonly T[], name: string): T {
  if (allowed.includes(value)) return value;
  const list = allowed.map((each) => JSON.stringify(each)).join(", ");
  throw new ProtocolError("option_invalid", `${name} is ${String(value)}; it can be ${list}.`);
}

/** Passes a boolean, and takes absence for `false`. @throws ProtocolError `option_invalid`. */
export function flag(value: boolean | undefined, name: string): boolean {
  return value === undefined ? false : oneOf(value, [true, false], name);
}
