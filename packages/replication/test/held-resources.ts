/** Sockets, servers and timers that keep this process alive, counted by kind; those of stdio and of loaders left out. */
export function heldResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/^(?:TCP|TLS|Timeout|Immediate)/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
