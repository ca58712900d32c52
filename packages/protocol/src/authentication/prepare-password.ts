/** What SASLprep leaves as it is. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * The password as SCRAM hashes it: SASLprep'd, or unchanged when SASLprep forbids it, as libpq and the server do.
 * The tables that SASLprep needs, 8 MB of memory, are loaded for the first password that is not printable ASCII.
 * @see https://www.rfc-editor.org/rfc/rfc4013
 */
export async function preparePassword(password: string): Promise<string> {
  if (PRINTABLE_ASCII.test(password)) return password;
  const { saslprep } = await import("@mongodb-js/saslprep");
  try {
    return saslprep(password) || password;
  } catch {
    return password;
  }
}
