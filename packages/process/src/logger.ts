import { consoleFields } from "./console-fields.ts";

/** One level of a logger: fields first, then the sentence, as pino takes them. */
export type LogMethod = (fields: object, message: string) => void;

/** What the kernel writes reports to. A pino instance fits as it is; `consoleLogger` makes one of a console. */
export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

const levels = ["debug", "info", "warn", "error"] as const;

/** The levels, quietest last. */
export type LogLevel = (typeof levels)[number];

/** The part of `console` that is written to. */
export type ConsoleLike = Readonly<Record<LogLevel, (...data: unknown[]) => void>>;

/**
 * A logger that writes the sentence and the fields to a console, objects to a depth of 2. An error that is in a report
 * several times is written once, as `err`.
 * @param options.level the quietest level that is written; default `"warn"`
 * @param options.console default: the global console
 */
export function consoleLogger(options: { readonly level?: LogLevel; readonly console?: ConsoleLike } = {}): Logger {
  const target = options.console ?? console;
  const threshold = levels.indexOf(options.level ?? "warn");
  const method = (level: LogLevel): LogMethod =>
    levels.indexOf(level) < threshold
      ? () => {}
      : (fields, message) => target[level](`${message} ${consoleFields(fields)}`);
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}

/** A logger that writes nothing. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
