import { execFileSync } from "node:child_process";

/** Who the server runs as. */
export type ServerUser =
  /** We are an ordinary user: the server runs as us. */
  | { readonly type: "self" }
  /** We are root, which Postgres refuses to be: the server runs as this user. */
  | { readonly type: "other"; readonly uid: number; readonly gid: number };

const nobody = 65534;

/** `nobody` when this process is root, else ourselves. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return { type: "self" };
  return { type: "other", uid: idOf("-u"), gid: idOf("-g") };
}

/** The options of `spawn` that make a child run as that user. */
export function spawnAs(user: ServerUser): { readonly uid?: number; readonly gid?: number } {
  return user.type === "self" ? {} : { uid: user.uid, gid: user.gid };
}

function idOf(flag: "-u" | "-g"): number {
  try {
    return Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    return nobody; // no such user in a small container: any number that is not root's does
  }
}
