/** What a person does about each code. The error's message is what happened, then this. */
const remedies = {
  lsn_malformed:
    'Pass Postgres\' text form: 1 to 8 hexadecimal digits on each side of one slash, such as "16/B374D848".',
  lsn_out_of_range: "Pass a bigint from 0n to 2n ** 64n - 1n; a JS number loses bits above 2 ** 53.",
  clock_out_of_range:
    "Postgres timestamps are signed 64-bit microseconds; pass a valid Date or a bigint in that range.",
  frame_length_invalid:
    "The bytes are not a Postgres stream, or some were lost: close the connection and connect again.",
  message_truncated: "The message ends before its last field: close the connection and connect again.",
  message_oversized: "The message goes on after its last field: close the connection and connect again.",
  message_malformed: "The peer does not speak the protocol that was agreed: close the connection and connect again.",
  message_unknown: "The peer sent a message this version does not know: upgrade, or ask for an older protocol version.",
  relation_unknown: "A Relation message was missed: start the stream again, so that the server describes its tables.",
  value_malformed:
    "The bytes are not in the form of the column's type: leave DateStyle and bytea_output at their defaults, or pass other `types`.",
  decoder_failed: "Call reset() and start the stream again.",
  identifier_invalid: "Choose another name.",
  text_invalid: "Take the character out; Postgres reads text as zero-terminated UTF-8.",
  option_invalid: "Correct the option.",
  option_conflict: "Change one of the options.",
  option_unsupported: "Leave the option out, or connect to a newer server.",
  authentication_unsupported: "Set another method for this user in pg_hba.conf, or allow one that both sides have.",
  authentication_malformed: "The server does not follow RFC 5802: make sure that the host is the Postgres you mean.",
  authentication_refused: "Check the user name and the password.",
  iterations_refused:
    "Set scram_iterations on the server to a count between the bounds and the password again, or move the bounds.",
  server_unverified:
    "Somebody else may be answering for the server: do not send it anything; check the host and the network.",
} as const;

/** What went wrong, for programs. The list only grows. */
export type ProtocolErrorCode = keyof typeof remedies;

/** Options of {@link ProtocolError}. `cause`: the error underneath. */
export interface ProtocolErrorOptions extends ErrorOptions {
  /** Where in the message reading stopped, in bytes from its first byte. Default: unknown. */
  readonly offset?: number;
}

/**
 * Bytes that break the protocol, or a value that can't be put into bytes or into a command.
 * Branch on `code`; `message` says what happened and what to do; `offset`, where known, is the byte at which reading
 * stopped, counted from the start of the message.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolErrorCode;
  readonly offset: number | undefined;

  constructor(code: ProtocolErrorCode, what: string, options: ProtocolErrorOptions = {}) {
    super(`${what} ${remedies[code]}`, options);
    this.code = code;
    this.offset = options.offset;
  }
}
