/** What a person does about each code. The error's message is what happened, then this. */
const remedies = {
  password_missing: "Set the option password, PGPASSWORD, or another method in pg_hba.conf.",
  password_unavailable: "See the cause: the password function failed.",
  method_refused: "Change requireAuth, or the method of this user in pg_hba.conf.",
  method_unsupported: "Set scram-sha-256 for this user in pg_hba.conf.",
  channel_binding_unavailable:
    "Channel binding needs TLS and a password stored as scram-sha-256; else set channelBinding to prefer.",
  server_unverified:
    "Somebody else may be answering for the server: don't send it anything, check the host and the network.",
  exchange_failed: "Check the password; if it is right, see the cause and the server's log.",
} as const;

/** What went wrong, for programs. The list only grows. */
export type AuthenticationErrorCode = keyof typeof remedies;

/**
 * We refused to go on logging in, or could not. When the *server* refuses, that is a `PostgresError` (28P01, 28000).
 * No password, salt or proof is in the message.
 */
export class AuthenticationError extends Error {
  override readonly name = "AuthenticationError";
  readonly code: AuthenticationErrorCode;

  constructor(code: AuthenticationErrorCode, what: string, options?: ErrorOptions) {
    super(`${what} ${remedies[code]}`, options);
    this.code = code;
  }
}
