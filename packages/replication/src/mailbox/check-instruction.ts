import { inspect } from "node:util";
import { parseFlow } from "../connection/stream-flow.ts";
import type { StreamOptions } from "../connection/stream-sink.ts";
import type { Ack, Instruction, Noreply, QueryOptions } from "../instruction.ts";
import { ConfigError } from "../options/config-error.ts";
import { duration } from "../options/parse-options.ts";
import { ReplicationError } from "../replication-error.ts";

/**
 * Takes what a callback returned for an instruction.
 * @throws ReplicationError `bad_return` for anything the functions of `instruction.ts` do not make.
 * @throws ConfigError `option_invalid` for limits of a query or stream that are out of range, and for a signal that is none.
 */
export function checkInstruction<State>(value: unknown, callback: string): Instruction<State> {
  if (!isInstruction<State>(value)) throw badReturn(value, callback);
  switch (value.type) {
    case "noreply":
    case "pause":
    case "resume":
      if (!isAckList(value.acks)) throw badReturn(value, callback);
      break;
    case "query":
      if (typeof value.sql !== "string") throw badReturn(value, callback);
      checkTime(value.options, callback);
      checkSignal(value.options.signal);
      break;
    case "stream":
      if (typeof value.sql !== "string") throw badReturn(value, callback);
      checkTime(value.options, callback);
      parseFlow(value.options);
      break;
    case "stopStream":
    case "disconnect":
    case "stop":
      break;
  }
  return value;
}

/**
 * The plainest of answers, a state and nothing to send, seen cheaply: the hot path asks for each message, and what it
 * does not know goes the checked way.
 */
export function isPlainNoreply<State>(value: unknown): value is Noreply<State> {
  const answer = value as Noreply<State> | null | undefined;
  return answer?.type === "noreply" && answer.acks === undefined;
}

/** The error for a return value that is no instruction, or none that `callback` may return. It names the value. */
export function badReturn(value: unknown, callback: string): ReplicationError {
  return new ReplicationError("bad_return", `${callback} returned ${shown(value)}, which is no instruction here.`);
}

/**
 * Takes what `init` returned for a first state.
 * @throws ReplicationError `bad_init` for nothing at all, and for an instruction that `init` may not return.
 */
export function checkInit(value: unknown): "state" | "stop" | "ignore" {
  if (value === undefined) throw badInit(value);
  if (typeof value !== "object" || value === null || !("type" in value)) return "state";
  // A user's own state may have a `type`: only the exact shape of an instruction is one.
  const keys = Object.keys(value).sort().join();
  if (value.type === "ignore" && keys === "type") return "ignore";
  if (value.type === "stop" && keys === "reason,type") return "stop";
  if (typeof value.type === "string" && instructionShapes.includes(`${value.type}:${keys}`)) throw badInit(value);
  return "state";
}

const instructionShapes = [
  "noreply:acks,state,type",
  "pause:acks,state,type",
  "resume:acks,state,type",
  "query:options,sql,state,type",
  "stream:options,sql,state,type",
  "stopStream:state,type",
  "disconnect:reason,state,type",
];

function badInit(value: unknown): ReplicationError {
  return new ReplicationError("bad_init", `init returned ${shown(value)}, which is no first state.`);
}

const types: readonly string[] = ["noreply", "query", "stream", "stopStream", "pause", "resume", "disconnect", "stop"];

function isInstruction<State>(value: unknown): value is Instruction<State> {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    types.includes(value.type)
  );
}

function isAckList(acks: unknown): acks is readonly Ack[] | undefined {
  return acks === undefined || (Array.isArray(acks) && acks.every(isAck));
}

function isAck(ack: unknown): ack is Ack {
  return ack instanceof Uint8Array || (Array.isArray(ack) && ack.every(isAck));
}

function checkTime(options: QueryOptions | StreamOptions, callback: string): void {
  if (typeof options !== "object" || options === null) throw badReturn(options, callback);
  duration(options.timeoutMs, "timeoutMs");
}

function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  const what = `signal must be an AbortSignal, not ${shown(signal)}.`;
  throw new ConfigError("option_invalid", what, { option: "signal" });
}

// A returned object can hold anything, secrets too: only its outline is shown.
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null && !(value instanceof Error)) {
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
    if (Array.isArray(value)) return `an array of ${value.length}`;
    const keys = Object.keys(value).map((key) =>
      key === "type" && "type" in value ? `type: ${inspect(value.type)}` : key,
    );
    return `an object { ${keys.join(", ")} }`;
  }
  return inspect(value, { depth: 0, maxStringLength: 40 });
}
