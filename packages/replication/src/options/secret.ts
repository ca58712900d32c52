import { inspect } from "node:util";

/** What every printed secret looks like. */
const REDACTED = "[redacted]";

/**
 * A value that must not be printed: a password, SCRAM data, the key of a cancel request. `util.inspect`, JSON, `String()`
 * and template literals all show `[redacted]`; {@link Secret.reveal} is the one way to the value, so that a search for
 * `reveal` finds every use. The value lives in a private field, which structured clones and debuggers' dumps leave out.
 */
export class Secret<Value = string> {
  readonly #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  /** The value itself. Don't keep it; don't put it into an error. */
  reveal(): Value {
    return this.#value;
  }

  /** Never the value, in whatever way it is shown. */
  toString(): string {
    return REDACTED;
  }

  /** As `toString`. */
  toJSON(): string {
    return REDACTED;
  }

  /** As `toString`. */
  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  /** As `toString`. */
  [inspect.custom](): string {
    return REDACTED;
  }
}
