import { inspect } from "node:util";

/** Objects are opened to this depth: the state of a process, and what it holds, but not what that holds. */
const DEPTH = 2;

/**
 * The fields of a report for a person who reads a console: `err` whole and last, and wherever a crash report repeats it
 * (its last message, its state) by its name and message alone.
 */
export function consoleFields(fields: object): string {
  const { err, ...others } = fields as { readonly err?: unknown };
  if (!(err instanceof Error)) return show(fields);
  return show({ ...(withoutRepeats(others, causesOf(err), DEPTH) as object), err });
}

function show(fields: object): string {
  return inspect(fields, { depth: DEPTH, breakLength: 120 });
}

/** The error and what caused it, which `inspect` prints with it. */
function causesOf(error: Error): ReadonlySet<Error> {
  const causes = new Set<Error>();
  for (let cause: unknown = error; cause instanceof Error && !causes.has(cause); cause = cause.cause) causes.add(cause);
  return causes;
}

function withoutRepeats(value: unknown, shown: ReadonlySet<Error>, depth: number): unknown {
  if (value instanceof Error) return shown.has(value) ? { [inspect.custom]: () => firstLine(value) } : value;
  if (depth < 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => withoutRepeats(element, shown, depth - 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const properties = Object.getOwnPropertyDescriptors(value);
  // Getters are left as they are: a report must not run code of whoever it reports on.
  for (const property of Object.values<PropertyDescriptor>(properties)) {
    if ("value" in property) property.value = withoutRepeats(property.value, shown, depth - 1);
  }
  return Object.create(prototype, properties);
}

function firstLine(error: Error): string {
  const [first, ...more] = String(error).split("\n");
  return `[${first}${more.length === 0 ? "" : " …"}]`;
}
