// The subscription with its defaults.
import { runOurSubscription } from "./our-subscription.ts";

await runOurSubscription();
