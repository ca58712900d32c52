import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { runtimeOf } from "@trunkline/process";
import { formatLsn } from "@trunkline/protocol";
import { type Stats, subscriptionStats } from "@trunkline/subscription";
import { fromCallback } from "xstate";

/** Which subscription is asked about, by its name, and where. */
export interface HealthServerInput {
  readonly subscription: string;
  readonly port: number;
}

/** States in which nothing is wrong. A standby is ready: it waits for the slot, and takes over in `standbyPollMs`. */
const ready: ReadonlySet<string> = new Set(["streaming", "standingBy", "copying"]);

/**
 * Answers a kubelet's probes, as a child of the supervisor that the subscription has. `/livez`: the process answers at all.
 * `/readyz`: 200 while the subscription streams, copies or stands by, else 503; the body says where it stands.
 */
export const healthServer = fromCallback<{ readonly type: "never" }, HealthServerInput>(({ input, self }) => {
  const server = createServer((request, response) => {
    if (request.url === "/livez") response.end("alive\n");
    else if (request.url === "/readyz") void answer(response, input.subscription);
    else response.writeHead(404).end();
  });
  server.listen(input.port, () => {
    const { port } = server.address() as AddressInfo;
    runtimeOf(self).logger.info({ port }, `probes are answered on port ${port}`);
  });
  return () => server.close();
});

async function answer(response: ServerResponse, subscription: string): Promise<void> {
  const stats = await subscriptionStats(subscription).catch(() => undefined); // its supervisor is starting it again
  const status = stats !== undefined && ready.has(stats.state) ? 200 : 503;
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(told(stats))}\n`);
}

function told(stats: Stats | undefined): object {
  if (stats === undefined) return { state: "restarting" };
  const { state, unfinished, handled, durable, lastError } = stats;
  return {
    state,
    unfinished,
    handled,
    durable: durable === undefined ? null : formatLsn(durable),
    lastError: lastError === undefined ? null : { code: lastError.code, remedy: lastError.remedy },
  };
}
