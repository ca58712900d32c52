import type { PageFrame } from "../wire.ts";

/** The longest frame that a page sends, in bytes. */
export const longestPageFrame = 4096;

/** Reads what a page has sent; `undefined`: it is no frame of ours. */
export function parsePageFrame(text: string): PageFrame | undefined {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || !("t" in value)) return undefined;
  switch (value.t) {
    case "seen":
      return "seq" in value && Number.isSafeInteger(value.seq) ? { t: "seen", seq: Number(value.seq) } : undefined;
    case "select":
      if (!("ref" in value) || (value.ref !== null && typeof value.ref !== "string")) return undefined;
      return { t: "select", ref: value.ref };
    default:
      return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
