/** What a person does about each code. The error's message is what happened, then this. */
const remedies = {
  bad_return:
    "Return what noreply, query, stream, stopStream, pause, resume, disconnect or stop make; from handleDisconnect only noreply(state).",
  bad_init: "init returns the first state; or stop(reason), or ignore().",
  missing_callback: "Add the callback to the object that ReplicationConnection.define takes.",
  not_connected: "The connection is down. Wait for handleConnect, which runs after each successful connect.",
  stream_in_progress: "End the stream first with stopStream(state), or use a second connection.",
  no_stream: "Return stopStream only while a stream runs.",
  liveness_timeout:
    "The peer may be gone without a word. Check the network; raise livenessTimeoutMs if the server may be silent for longer.",
  stream_start_timeout:
    "Raise the stream's timeoutMs; a logical stream starts when the slot is free and its WAL is found.",
  reconnect_attempts_exhausted:
    "Look at the cause. Raise reconnectBackoff.maxAttempts, or let a supervisor restart it.",
  aborted: "The process was stopped.",
} as const;

/** What went wrong, for programs. The list only grows. */
export type ReplicationErrorCode = keyof typeof remedies;

/** What the connection itself refuses, or gives up for. Branch on `code`; the message says what to do. */
export class ReplicationError extends Error {
  override readonly name = "ReplicationError";
  readonly code: ReplicationErrorCode;

  constructor(code: ReplicationErrorCode, what: string, options?: ErrorOptions) {
    super(`${what} ${remedies[code]}`, options);
    this.code = code;
  }
}
