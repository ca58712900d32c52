import type { AnyActorRef } from "xstate";
import type { Via } from "../name.ts";
import { NameError } from "../name-error.ts";
import { openRegistry, type RegistryRef, type RegistryTarget } from "./home.ts";
import { label, register } from "./registration.ts";

/**
 * The name of whoever holds a key of a unique registry: `via<CounterRef>(registry, "a")` can be called, cast to, monitored
 * and stopped, and a process can be started under it; `value` is then stored with the key. It is looked up on each use,
 * so a restarted holder is found again.
 * @throws NameError `duplicate_keys`, on use, when the registry's keys are not unique; `unknown_registry`
 */
export function via<R extends AnyActorRef = AnyActorRef, K = unknown, V = unknown>(
  registry: RegistryTarget<K, V>,
  key: K,
  value?: V,
): Via<R> {
  const holder = (): AnyActorRef | undefined => {
    const { table } = openRegistry(registry);
    if (table.kind === "duplicate") {
      throw new NameError("duplicate_keys", `The key ${label(key)} names no single process.`);
    }
    for (const { process } of table.ofKey(key)) return process;
    return undefined;
  };
  return {
    type: "via",
    label: `via ${typeof registry === "string" ? registry : registry.id} ${label(key)}`,
    whereis: () => holder() as R | undefined,
    register(self) {
      const taken = holder();
      if (taken === undefined) register(registry as RegistryRef<K, V>, self, key, value);
      return taken;
    },
  };
}
