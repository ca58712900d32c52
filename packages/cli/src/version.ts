import { readFileSync } from "node:fs";

/** The version of this package. */
export const version: string = versionOf(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

function versionOf(json: string): string {
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed === "object" && parsed !== null && "version" in parsed) return String(parsed.version);
  return "unknown";
}
