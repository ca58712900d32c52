import type { ResolvedChildSpec } from "@trunkline/process";
import { parseChildren } from "./child-spec.ts";
import { parseFlags, type SupervisorFlags } from "./flags.ts";
import { isSupervisorRequest, type SupervisorRequest } from "./request.ts";
import { respond } from "./respond.ts";
import { serve } from "./serve.ts";
import { type SupervisorLogic, supervisingLogic } from "./supervising-logic.ts";
import { Supervision } from "./supervision.ts";

/** What a supervisor starts from: child specs and flags. */
export interface SupervisorInput {
  readonly children: readonly unknown[];
  readonly flags: SupervisorFlags;
}

/** The logic of `Supervisor`. Malformed input makes the start fail with the `SupervisorError` that says why. */
export const supervisorLogic: SupervisorLogic<SupervisorInput> = supervisingLogic<SupervisorInput, SupervisorRequest>(
  (home, input) => {
    const flags = parseFlags(input.flags);
    const specs: readonly ResolvedChildSpec[] = parseChildren(flags.autoShutdown, input.children);
    const supervision = new Supervision(home, flags);
    return {
      begin: () => supervision.begin(specs),
      exited: (ref, reason) => supervision.exited(ref, reason),
      serves: isSupervisorRequest,
      answer: (request, from) => respond(from, () => serve(supervision, request)),
      end: (reason) => supervision.end(reason),
      running: () => supervision.running(),
      metadata: () => supervision.metadata("supervisor"),
      forget: () => supervision.forget(),
    };
  },
);
