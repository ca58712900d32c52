import { readFileSync } from "node:fs";

/**
 * The most memory this process has had, in KiB. From `/proc`, where there is one: what `getrusage` says begins with the
 * peak of the parent, which bundles programs and is larger than most of what is measured.
 */
export function peakRssKb(): number {
  return peakIn(status()) ?? process.resourceUsage().maxRSS;
}

/** The line `VmHWM` of `/proc/self/status`, in KiB. */
export function peakIn(text: string): number | undefined {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function status(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return "";
  }
}
