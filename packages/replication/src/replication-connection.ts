import {
  type ChildSpec,
  type Restart,
  type Shutdown,
  type StartFunction,
  type StartOptions,
  startLink as startProcess,
  type Timeout,
} from "@trunkline/process";
import type { Callbacks } from "./callbacks.ts";
import type { ConnectionRef } from "./connection-ref.ts";
import { ConfigError } from "./options/config-error.ts";
import { nearMiss } from "./options/near-miss.ts";
import { parseReplicationOptions, type ReplicationConfig } from "./options/parse-replication-options.ts";
import type { ReplicationOptions, StartLinkOptions } from "./options/replication-options.ts";
import { startConnection } from "./start-connection.ts";

/** What a child spec of a connection may say beside how it is started. */
export interface ChildSpecDefaults {
  /** Names the child within its supervisor. There is no default: give it here or in the overrides. */
  readonly id?: unknown;
  /** Default `"permanent"`. */
  readonly restart?: Restart;
  /** Default 5000 ms. */
  readonly shutdown?: Shutdown;
  /** Default `false`. */
  readonly significant?: boolean;
  /** Default: the options' `startTimeoutMs`, which is 30,000 ms unless given. */
  readonly startTimeoutMs?: Timeout;
}

/** A kind of connection: callbacks, ready to be started with an argument and options, by hand or by a supervisor. */
export interface ReplicationConnectionDefinition<Calls, Info, Arg> {
  /**
   * The connection as a child of a supervisor.
   * @throws ConfigError for options that cannot be used, for unknown overrides, and when no `id` is given anywhere
   */
  childSpec(arg: Arg, options: ReplicationOptions, overrides?: ChildSpecDefaults): ChildSpec;
  /**
   * Starts a connection. Resolves with its ref, or with `undefined` when `init` returned `ignore()`.
   * @throws ConfigError (as a rejection) before any network activity
   * @throws StartError (as a rejection): `exited` with the error of the first connect as `reason`, `already_started`,
   * `timeout`, …
   */
  startLink(arg: Arg, options: StartLinkOptions): Promise<ConnectionRef<Calls, Info> | undefined>;
}

/** `Postgrex.ReplicationConnection` as an XState machine: see `define`. */
export const ReplicationConnection = {
  /**
   * Makes a kind of connection of its callbacks. `Calls` lists the requests: `{ status: { reply: string } }`.
   * @throws ConfigError `option_unknown` for a misspelt callback, or a key that a child spec does not have
   */
  define<State, Calls = unknown, Info = unknown, Arg = unknown>(
    callbacks: Callbacks<State, Calls, Info, Arg>,
    defaults: ChildSpecDefaults = {},
  ): ReplicationConnectionDefinition<Calls, Info, Arg> {
    refuseMisspelt(callbacks);
    if (typeof callbacks.init !== "function") {
      throw new ConfigError("option_missing", "A replication connection needs the callback init.", { option: "init" });
    }
    refuseUnknown(defaults, specKeys, "key of a child spec");
    const starter =
      (
        arg: Arg,
        config: ReplicationConfig,
        id: string,
        options: StartLinkOptions,
      ): StartFunction<ConnectionRef<Calls, Info> | "ignore"> =>
      (context) =>
        startConnection(context, { callbacks, arg, config, id, runtime: options.runtime });
    return {
      childSpec(arg, options, overrides = {}) {
        refuseUnknown(overrides, specKeys, "key of a child spec");
        const config = parseReplicationOptions(options);
        const spec = { ...defaults, ...overrides };
        if (spec.id === undefined) {
          throw new ConfigError("option_missing", "The child spec has no id.", { option: "id" });
        }
        return {
          startTimeoutMs: config.startTimeoutMs,
          ...spec,
          id: spec.id,
          start: starter(arg, config, String(spec.id), {}),
          modules: [callbacks],
          ...(config.name === undefined ? {} : { name: config.name }),
        };
      },
      async startLink(arg, options) {
        const config = parseReplicationOptions(options, startKeys);
        const id = options.id ?? (defaults.id === undefined ? "replicationConnection" : String(defaults.id));
        return startProcess(starter(arg, config, id, options), startOptions(config, options));
      },
    };
  },
} as const;

const callbackNames = Object.keys({
  init: true,
  handleConnect: true,
  handleDisconnect: true,
  handleData: true,
  handleBytes: true,
  handleInfo: true,
  handleCall: true,
  handleResult: true,
  handleStreamStart: true,
  formatStatus: true,
} satisfies Record<keyof Callbacks<unknown, unknown, unknown, unknown>, true>);

const specKeys = Object.keys({
  id: true,
  restart: true,
  shutdown: true,
  significant: true,
  startTimeoutMs: true,
} satisfies Record<keyof ChildSpecDefaults, true>);

const startKeys = ["parent", "id", "signal", "inspect", "runtime"] satisfies readonly (keyof StartLinkOptions)[];

function startOptions(config: ReplicationConfig, options: StartLinkOptions): StartOptions {
  const { parent, signal, inspect, runtime } = options;
  return {
    startTimeoutMs: config.startTimeoutMs,
    ...(config.name === undefined ? {} : { name: config.name }),
    ...(parent === undefined ? {} : { parent }),
    ...(signal === undefined ? {} : { signal }),
    ...(inspect === undefined ? {} : { inspect }),
    ...(runtime === undefined ? {} : { runtime }),
  };
}

// An object may have methods of its own beside the callbacks: only what is nearly a callback is refused.
function refuseMisspelt(callbacks: object): void {
  for (const name of Object.keys(callbacks)) {
    const near = callbackNames.includes(name) ? undefined : nearMiss(name, callbackNames);
    if (near === undefined) continue;
    throw new ConfigError("option_unknown", `"${name}" is no callback. Did you mean "${near}"?`, { option: name });
  }
}

function refuseUnknown(object: object, known: readonly string[], kind: string): void {
  for (const name of Object.keys(object)) {
    if (known.includes(name)) continue;
    const near = nearMiss(name, known);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new ConfigError("option_unknown", `"${name}" is no ${kind}.${hint}`, { option: name });
  }
}
