/** Every state of the connection machine, as what is waited for. */
export type ConnectionState =
  | "connecting"
  | "authenticating"
  | "connected.idle"
  | "connected.querying"
  | "connected.startingStream"
  | "connected.streaming"
  | "connected.stoppingStream"
  | "closing"
  | "backingOff"
  | "stopped";

/** The machine's states in the order of a connection's life. */
export const connectionStates = [
  "connecting",
  "authenticating",
  "connected.idle",
  "connected.querying",
  "connected.startingStream",
  "connected.streaming",
  "connected.stoppingStream",
  "closing",
  "backingOff",
  "stopped",
] as const satisfies readonly ConnectionState[];

/**
 * The state in one word, from XState's `snapshot.value`.
 * @throws RangeError for a value that the machine does not have.
 */
export function stateOf(value: unknown): ConnectionState {
  const name =
    typeof value === "object" && value !== null && "connected" in value
      ? `connected.${String(value.connected)}`
      : value;
  const state = connectionStates.find((known) => known === name);
  if (state === undefined) throw new RangeError(`The connection machine has no state ${String(name)}.`);
  return state;
}
