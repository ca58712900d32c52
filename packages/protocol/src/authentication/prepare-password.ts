import { saslprep } from "@mongodb-js/saslprep";

/**
 * The password as SCRAM hashes it: SASLprep'd, or unchanged when SASLprep forbids it, as libpq and the server do.
 * @see https://www.rfc-editor.org/rfc/rfc4013
 */
export function preparePassword(password: string): string {
  try {
    return saslprep(password) || password;
  } catch {
    return password;
  }
}
