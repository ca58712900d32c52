import { runtimeOf, startLink } from "@trunkline/process";
import { type AnyActorRef, fromPromise } from "xstate";
import { SubscriptionError } from "../errors/subscription-error.ts";
import type { SubscriptionConfig } from "../options.ts";
import { afterFailure } from "../policy/failure-policy.ts";
import { dispatchAll } from "./dispatcher.ts";
import type { HandlerWatch } from "./handler-watch.ts";
import type { Intake } from "./intake.ts";
import type { SubscriptionTelemetry } from "./telemetry.ts";
import type { CheckpointOwner } from "./transaction.ts";

/** What a dispatcher is started in. */
export interface DispatcherPlace {
  /** The subscription it belongs to. */
  readonly self: AnyActorRef;
  readonly config: SubscriptionConfig;
  readonly intake: Intake;
  readonly watch: HandlerWatch;
  readonly telemetry: SubscriptionTelemetry;
  /** Aborted when the subscription ends. */
  readonly signal: AbortSignal;
  readonly owner: () => CheckpointOwner;
  /** Ends the session, so that a transaction comes again. */
  readonly endSession: (error: Error) => void;
  /** It hands out nothing any more. */
  readonly over: () => void;
}

/** Starts the process that hands transactions to the handler, linked to the subscription. */
export function startDispatcher(place: DispatcherPlace): Promise<AnyActorRef> {
  const logic = fromPromise(async () => {
    await undefined; // the start is over: a failure is the end of a process that ran
    try {
      await dispatch(place);
    } finally {
      place.over();
    }
  });
  return startLink({ logic }, { parent: place.self, id: "dispatcher" });
}

function dispatch({ self, config, intake, watch, telemetry, signal, owner, endSession }: DispatcherPlace) {
  const { clock, random, logger } = runtimeOf(self);
  const { onTransaction, onChange, onMessage, failure, checkpoint, savesCheckpoint, source } = config;
  return dispatchAll({
    intake,
    handlers: { onTransaction, onChange, onMessage },
    policy: { afterFailure: (failures) => afterFailure(failure.rule, failures, random()), park: failure.park },
    clock,
    signal,
    owner,
    save: savesCheckpoint && checkpoint !== undefined ? (lsn) => checkpoint.save({ ...owner(), lsn }) : undefined,
    again: () =>
      endSession(new SubscriptionError("transaction_cut", "A transaction that is no longer held must come again.")),
    begins: (work) => watch.begins(work, clock.now()),
    settled: () => watch.settled(),
    handled: (work, attempts) => {
      watch.handledOne();
      telemetry.publish("handled", () => ({
        commitLsn: work.type === "message" ? work.end : work.held.head.commitLsn,
        attempts,
      }));
    },
    failed: (error, attempt, next) => {
      watch.failed(error, attempt, next, clock.now());
      telemetry.publish("handlerFailed", () => ({ error, attempt, next: next.type }));
      logger.warn({ slot: source.slot, err: error, attempt, next: next.type }, "The handler of a transaction failed");
    },
  });
}
