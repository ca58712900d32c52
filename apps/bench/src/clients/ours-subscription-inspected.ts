// The subscription with its defaults, with an inspector attached and no page open.
import { inspectedRoot } from "./inspected-root.ts";
import { runOurSubscription } from "./our-subscription.ts";

await runOurSubscription({ parent: await inspectedRoot("nobody") });
