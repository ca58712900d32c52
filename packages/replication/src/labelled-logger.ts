import type { Logger, LogMethod } from "@trunkline/process";

/** A logger that adds to each entry which connection it is about. One that throws does no harm: the entry is lost. */
export function labelled(logger: Logger, connection: () => string): Logger {
  const method =
    (level: keyof Logger): LogMethod =>
    (fields, message) => {
      try {
        logger[level]({ connection: connection(), ...fields }, message);
      } catch {
        // What cannot be written must not change how a connection goes.
      }
    };
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}
