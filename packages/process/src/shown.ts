import type { ProcessRecord } from "./record.ts";
import { redact } from "./redact.ts";

/** What may be shown of a state or message: the process's own `formatStatus`, then the general redaction. */
export function shown(record: ProcessRecord, value: unknown): unknown {
  const format = record.sys?.formatStatus;
  if (format === undefined) return redact(value);
  try {
    return redact(format(value));
  } catch {
    // Rather nothing than something secret.
    return "[formatStatus threw]";
  }
}
