/** Names other libraries use for what we call differently, in lower case without separators. */
const otherNames: Readonly<Record<string, string>> = {
  hostname: "host",
  hostaddr: "host",
  username: "user",
  login: "user",
  role: "user",
  pass: "password",
  passwd: "password",
  db: "database",
  dbname: "database",
  url: "connectionString",
  uri: "connectionString",
  dsn: "connectionString",
  tls: "ssl",
  sslmode: "ssl",
  ssloptions: "ssl",
  hosts: "endpoints",
  servers: "endpoints",
  path: "socket",
  targetsessionattrs: "targetServerType",
  startupparameters: "parameters",
  serversettings: "parameters",
  searchpath: "parameters",
  applicationname: "parameters",
  clientencoding: "parameters",
  connectiontimeoutmillis: "connectTimeoutMs",
  connectiontimeout: "connectTimeoutMs",
  connecttimeout: "connectTimeoutMs",
  handshaketimeout: "handshakeTimeoutMs",
  querytimeout: "timeoutMs",
  statementtimeout: "parameters",
  keepalive: "keepAliveDelayMs",
  keepaliveinitialdelaymillis: "keepAliveDelayMs",
};

const plain = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, "");

/** How many characters have to be put in, taken out, replaced or swapped with their neighbour to get from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/**
 * The known name a person who wrote `name` most likely meant: another library's word for it (`hostname` → `host`), or
 * the nearest spelling within a third of the word. `undefined` when nothing is near.
 */
export function nearMiss(name: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  const written = plain(name);
  const same = names.find((candidate) => plain(candidate) === written);
  if (same !== undefined) return same;
  const other = Object.hasOwn(otherNames, written) ? otherNames[written] : undefined;
  if (other !== undefined && names.includes(other)) return other;
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of names) {
    const distance = editDistance(written, plain(candidate));
    if (best === undefined || distance < best.distance) best = { name: candidate, distance };
  }
  return best !== undefined && best.distance <= Math.max(1, Math.floor(written.length / 3)) ? best.name : undefined;
}
