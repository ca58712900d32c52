import { scopeOf, type Via } from "@trunkline/process";
import type { AnyActorRef } from "xstate";

const holders = new Map<symbol, AnyActorRef>();

/** A symbol as a local name: nobody without the symbol can take it or find it. The same symbol is the same name. */
export function symbolName(symbol: symbol): Via {
  return {
    type: "via",
    label: String(symbol),
    whereis: () => holders.get(symbol),
    register(self) {
      const holder = holders.get(symbol);
      if (holder !== undefined) return holder;
      holders.set(symbol, self);
      scopeOf(self).defer(() => holders.delete(symbol));
      return undefined;
    },
  };
}
