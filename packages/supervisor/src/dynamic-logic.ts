import type { AnyActorRef } from "xstate";
import { parseDynamicChildSpec } from "./dynamic-child-spec.ts";
import { type DynamicSupervisorFlags, parseDynamicFlags } from "./dynamic-flags.ts";
import { DynamicSupervision } from "./dynamic-supervision.ts";
import { requestsOf } from "./request.ts";
import { respond } from "./respond.ts";
import { type SupervisorLogic, supervisingLogic } from "./supervising-logic.ts";

/** What can be asked of a dynamic supervisor, as it travels in a call. */
export type DynamicRequest =
  | { readonly type: "startChild"; readonly spec: unknown }
  | { readonly type: "terminateChild"; readonly ref: AnyActorRef }
  | { readonly type: "whichChildren" }
  | { readonly type: "countChildren" };

const isDynamicRequest = requestsOf<DynamicRequest>("startChild", "terminateChild", "whichChildren", "countChildren");

/** The logic of a dynamic supervisor. `kind`: what it calls itself to people who look. */
export const dynamicLogic = (kind: string): SupervisorLogic<DynamicSupervisorFlags> =>
  supervisingLogic<DynamicSupervisorFlags, DynamicRequest>((home, flags) => {
    const { extraArguments, ...limits } = parseDynamicFlags(flags);
    const supervision = new DynamicSupervision(home, limits);
    return {
      begin: async () => home.decide.running(),
      exited: (ref, reason) => supervision.exited(ref, reason),
      serves: isDynamicRequest,
      answer: (request, from) => respond(from, () => serve(supervision, extraArguments, request)),
      end: (reason) => supervision.end(reason),
      running: () => supervision.running(),
      metadata: () => supervision.metadata(kind),
      forget: () => supervision.forget(),
    };
  });

function serve(supervision: DynamicSupervision, extraArguments: readonly unknown[], request: DynamicRequest): unknown {
  switch (request.type) {
    case "startChild":
      return supervision.startChild(parseDynamicChildSpec(request.spec, extraArguments));
    case "terminateChild":
      return supervision.terminateChild(request.ref);
    case "whichChildren":
      return supervision.whichChildren();
    case "countChildren":
      return supervision.countChildren();
  }
}
