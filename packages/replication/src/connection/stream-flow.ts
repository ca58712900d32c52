import { ConfigError } from "../options/config-error.ts";
import { shown } from "../options/endpoint.ts";
import type { StreamOptions } from "./stream-sink.ts";
import { type Flow, HIGH_WATER_BYTES, HIGH_WATER_MESSAGES } from "./wire.ts";

const DEFAULT_MAX_MESSAGES = 500;

/** Fills in a stream's options. @throws ConfigError `option_invalid`, unless each is an integer from 1. */
export function parseFlow(options: StreamOptions): Flow {
  return {
    maxMessages: positive(options.maxMessages, "maxMessages") ?? DEFAULT_MAX_MESSAGES,
    highWaterBytes: positive(options.highWaterBytes, "highWaterBytes") ?? HIGH_WATER_BYTES,
    highWaterMessages: positive(options.highWaterMessages, "highWaterMessages") ?? HIGH_WATER_MESSAGES,
  };
}

function positive(value: number | undefined, option: string): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return value;
  throw new ConfigError("option_invalid", `${option} must be an integer from 1, not ${shown(value)}.`, { option });
}
