import type { StopMode } from "./provider.ts";

/**
 * The signal that asks a postmaster to stop in each mode.
 * @see https://www.postgresql.org/docs/current/server-shutdown.html
 */
export const stopSignals = {
  smart: "SIGTERM",
  fast: "SIGINT",
  immediate: "SIGQUIT",
} as const satisfies Readonly<Record<StopMode, NodeJS.Signals>>;
