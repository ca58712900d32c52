import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  channelNames,
  type NameChanged,
  type ProcessExited,
  type ProcessStarted,
  type Report,
} from "@trunkline/process";
import type { AnyActorRef, InspectionEvent } from "xstate";
import type { Guard } from "../guard.ts";

/** What is told of the processes of one tree, in the turn in which it happens. */
export interface TreeEvents {
  /** Anything of XState's, of any actor of the tree. */
  inspected(event: InspectionEvent): void;
  processStarted(actor: AnyActorRef): void;
  processExited(exit: ProcessExited): void;
  nameChanged(actor: AnyActorRef): void;
  reported(report: Report): void;
}

/**
 * Listens to a running tree: to XState's inspection, and to the kernel's channels. Whatever a listener throws is kept from
 * the processes. Returns a function that takes all of it back.
 */
export function watchTree(root: AnyActorRef, events: TreeEvents, guard: Guard): () => void {
  const { system } = root;
  const inspection = system.inspect((event) => void guard("an event", () => events.inspected(event)));
  const isOurs = (actor: AnyActorRef): boolean => actor.system === system;
  const stops = [
    listen(channelNames.start, guard, (message) => {
      const { process } = message as ProcessStarted;
      if (isOurs(process)) events.processStarted(process);
    }),
    listen(channelNames.exit, guard, (message) => {
      const exit = message as ProcessExited;
      if (isOurs(exit.process)) events.processExited(exit);
    }),
    listen(channelNames.name, guard, (message) => {
      const { process } = message as NameChanged;
      if (isOurs(process)) events.nameChanged(process);
    }),
    listen(channelNames.report, guard, (message) => {
      const report = message as Report;
      const about = report.report === "crash" || report.report === "guard" ? report.process : report.supervisor;
      if (isOurs(about)) events.reported(report);
    }),
  ];
  return () => {
    inspection.unsubscribe();
    for (const stop of stops) stop();
  };
}

function listen(name: string, guard: Guard, onMessage: (message: unknown) => void): () => void {
  const listener = (message: unknown): void => void guard("a process", () => onMessage(message));
  subscribe(name, listener);
  return () => void unsubscribe(name, listener);
}
