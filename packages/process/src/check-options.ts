import { crashed } from "./exit-reason.ts";
import type { StartOptions } from "./spawn.ts";
import { StartError, type StartErrorCode } from "./start-error.ts";

const known: Readonly<Record<keyof StartOptions, true>> = {
  parent: true,
  id: true,
  name: true,
  systemId: true,
  startTimeoutMs: true,
  signal: true,
  inspect: true,
  runtime: true,
  mailbox: true,
  label: true,
};

/**
 * Refuses options that would be ignored or make no sense.
 * @throws StartError `unknown_option`, `invalid_option`
 */
export function checkOptions(options: StartOptions): void {
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(known, option)) continue;
    throw refusal("unknown_option", `"${option}" is no start option; there are ${Object.keys(known).join(", ")}.`);
  }
  const { startTimeoutMs, mailbox } = options;
  if (startTimeoutMs !== undefined && startTimeoutMs !== "infinity" && !(startTimeoutMs >= 0)) {
    throw refusal(
      "invalid_option",
      `startTimeoutMs is ${startTimeoutMs}: it takes milliseconds, 0 or more, or "infinity".`,
    );
  }
  if (mailbox?.capacity !== undefined && !(mailbox.capacity > 0)) {
    throw refusal(
      "invalid_option",
      `mailbox.capacity is ${mailbox.capacity}: it takes how many messages may wait, 1 or more.`,
    );
  }
}

function refusal(code: StartErrorCode, what: string): StartError {
  return new StartError(code, what, { reason: crashed(code) });
}
