/** The default arm of a total switch: a case nobody thought of fails to compile here. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable: ${String(value)}`);
}
