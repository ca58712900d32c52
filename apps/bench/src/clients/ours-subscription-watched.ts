// The subscription with its defaults, with an inspector attached and a page open that looks at it.
import { inspectedRoot } from "./inspected-root.ts";
import { runOurSubscription } from "./our-subscription.ts";

await runOurSubscription({ parent: await inspectedRoot("a page") });
