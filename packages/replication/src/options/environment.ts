import { userInfo } from "node:os";

/** The variables that are read: libpq's names. An empty one counts as absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One variable, `undefined` when it is unset or empty. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === "" ? undefined : value;
}

/** Who runs this process: `USER` (`USERNAME` on Windows), else what the operating system says. */
export function systemUser(environment: Environment): string | undefined {
  const named = variable(environment, "USER") ?? variable(environment, "USERNAME");
  if (named !== undefined) return named;
  try {
    return userInfo().username;
  } catch {
    return undefined; // a uid without an entry in passwd, as in many containers
  }
}
