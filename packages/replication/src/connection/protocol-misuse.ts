/** What a person does about each code. The error's message is what happened, then this. */
const remedies = {
  copy_in_query: "Use stream() for COPY … TO STDOUT and START_REPLICATION.",
  copy_in_unsupported: "COPY … FROM STDIN needs an ordinary client.",
  not_a_stream: "Use query() for statements that don't stream.",
  session_busy: "Wait for the query, or end the stream, first.",
  not_streaming: "Start a stream first.",
} as const;

/** What went wrong, for programs. The list only grows. */
export type ProtocolMisuseCode = keyof typeof remedies;

/** A statement or a message that can't be used here. The session stays usable. */
export class ProtocolMisuse extends Error {
  override readonly name = "ProtocolMisuse";
  readonly code: ProtocolMisuseCode;

  constructor(code: ProtocolMisuseCode, what: string, options?: ErrorOptions) {
    super(`${what} ${remedies[code]}`, options);
    this.code = code;
  }
}
