import { type ChildSpec, scopeOf } from "@trunkline/process";
import { fromCallback } from "xstate";
import { type InspectorOptions, startInspector } from "./start-inspector.ts";

const logic = Object.assign(
  fromCallback(() => {}),
  { id: "inspector" },
);

/**
 * An inspector as a child of a supervisor: it shows the whole tree it is started in, and lets go of it when it is stopped.
 * It logs where its page is to `logger`, by default the console.
 * @throws InspectorError, when it starts: `address_in_use`, `cannot_listen`, `invalid_option`
 */
export function inspector(options: InspectorOptions & { readonly id?: string } = {}): ChildSpec {
  const { id = "inspector", ...own } = options;
  return {
    id,
    async start({ spawn }) {
      const self = spawn(logic, { id });
      const running = await startInspector(self, own);
      scopeOf(self).defer(() => void running.close());
      return self;
    },
  };
}
