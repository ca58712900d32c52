import type { Logger, LogMethod } from "@trunkline/process";

/** A logger that adds to each entry which connection it is about. */
export function labelled(logger: Logger, connection: () => string): Logger {
  const method =
    (level: keyof Logger): LogMethod =>
    (fields, message) =>
      logger[level]({ connection: connection(), ...fields }, message);
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}
