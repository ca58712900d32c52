import type { CallEvents } from "@trunkline/process";
import type { ActorRef, SnapshotFrom } from "xstate";
import type { SubscriptionCalls } from "./subscription-calls.ts";
import type { SubscriptionMachine } from "./subscription-machine.ts";

/** A running subscription. Its snapshot's `value` says what it waits for. */
export type SubscriptionRef = ActorRef<SnapshotFrom<SubscriptionMachine>, CallEvents<SubscriptionCalls>>;
