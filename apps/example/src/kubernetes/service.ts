// A service as it runs in a pod: a subscription, and the answers to a kubelet's probes.
// Environment: DATABASE_URL, HEALTH_PORT (default 8080)
import { makeRuntime } from "@trunkline/process";
import { subscription } from "@trunkline/subscription";
import { Supervisor } from "@trunkline/supervisor";
import { healthServer } from "./health-server.ts";

const write = (_fields: object, message: string) => console.log(message);
const logger = { debug: () => {}, info: write, warn: write, error: write };

await Supervisor.startLink(
  [
    {
      id: "health",
      start: {
        logic: healthServer,
        input: { subscription: "orders", port: Number(process.env["HEALTH_PORT"] ?? 8080) },
      },
    },
    subscription<{ orders: { id: number } }>({
      name: "orders",
      connection: { connectionString: process.env["DATABASE_URL"] },
      slot: "orders",
      publications: { name: "orders", tables: ["orders"] },
      onChange: (change) => {
        if (change.kind === "insert") console.log(`order ${change.new.id}`);
      },
    }),
  ],
  {
    strategy: "one_for_one",
    signals: true, // SIGTERM: the handler finishes, what it finished is confirmed, Node ends with 0
    exitCodeOnGiveUp: 1, // restarts did not help: let the kubelet start the pod anew
    runtime: makeRuntime({ logger }),
  },
);
