import type { ExitReason } from "@trunkline/process";
import type { Reason } from "../wire.ts";
import { shownString } from "./text.ts";

const longestStack = 20;

/** An exit reason as a page can show it. */
export function shownReason(reason: ExitReason): Reason {
  switch (reason.type) {
    case "normal":
    case "killed":
    case "noproc":
      return { type: reason.type };
    case "shutdown":
      return reason.info === undefined ? { type: "shutdown" } : { type: "shutdown", ...described(reason.info) };
    case "error":
      return { type: "error", ...described(reason.error) };
  }
}

/** What was thrown, as a page can show it: no more of an object than its kind, of an error what it says. */
export function described(thrown: unknown): Omit<Reason, "type"> {
  if (!(thrown instanceof Error)) {
    if (typeof thrown !== "object" || thrown === null) return { message: shownString(String(thrown)) };
    return { message: Object.prototype.toString.call(thrown) };
  }
  const code = "code" in thrown && typeof thrown.code === "string" ? { code: shownString(thrown.code) } : {};
  return { name: thrown.name, ...code, message: shownString(thrown.message), stack: stackOf(thrown) };
}

function stackOf(error: Error): string[] {
  const lines = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const own = lines.slice(0, longestStack).map((line) => shownString(line.trim()));
  const { cause } = error;
  return cause instanceof Error ? [...own, `caused by ${cause.name}: ${shownString(cause.message)}`] : own;
}
