import { unreachable } from "@trunkline/process";
import type { SlotVerdict } from "../slot/slot-verdict.ts";
import {
  authenticationRules,
  configRules,
  connectionRules,
  misuseRules,
  protocolRules,
  replicationRules,
  subscriptionRules,
  timeoutRules,
} from "./own-rules.ts";
import { type ErrorAction, later, never, type Rule } from "./rule.ts";
import { classRules, stateRules, unknownState } from "./server-rules.ts";
import { remedyOf } from "./subscription-error.ts";

/** What is done about an error, and what it is called: a SQLSTATE, an errno, one of our codes, or `unknown`. */
export interface Classified {
  readonly code: string;
  readonly action: ErrorAction;
  /** What a person does about it, as a sentence. */
  readonly remedy: string;
  /** The slot must be looked at first, and its verdict be given to {@link classify}: until then this is a guess. */
  readonly lookAtSlot: boolean;
}

const byName: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  ConnectionError: connectionRules,
  AuthenticationError: authenticationRules,
  ReplicationError: replicationRules,
  ProtocolError: protocolRules,
  ConfigError: configRules,
  ProtocolMisuse: misuseRules,
  HandshakeTimeout: timeoutRules,
  QueryTimeout: timeoutRules,
  SubscriptionError: subscriptionRules,
};

/** Node's own codes, for errors that did not come by way of our transport, such as a sink's. */
const errnoRules: Readonly<Record<string, Rule>> = {
  ECONNREFUSED: connectionRules.refused,
  ECONNRESET: connectionRules.reset,
  ECONNABORTED: connectionRules.reset,
  EPIPE: connectionRules.reset,
  ETIMEDOUT: connectionRules.timeout,
  EHOSTUNREACH: connectionRules.unreachable,
  ENETUNREACH: connectionRules.unreachable,
  EHOSTDOWN: connectionRules.unreachable,
  ENETDOWN: connectionRules.unreachable,
  ENOTFOUND: connectionRules.not_found,
  EAI_AGAIN: connectionRules.not_found,
  EACCES: connectionRules.denied,
  EPERM: connectionRules.denied,
  ENOSPC: later("Make room on the disk."),
  EROFS: never("Choose a directory that can be written."),
};

const unknownError: Rule = never(
  "This error has no rule, so nothing is tried again: see it, and restart what stopped.",
);

/**
 * What is done about an error: the one place that decides it. Errors are told apart by `name` and `code`, never by text
 * or class. With the slot's verdict an error that left it open is settled: a slot that is not well stops.
 */
export function classify(error: unknown, verdict?: SlotVerdict): Classified {
  const { code, rule } = find(error);
  if (!rule.lookAtSlot || verdict === undefined) return { code, ...rule };
  return { code, ...withVerdict(code, rule, verdict), lookAtSlot: false };
}

function withVerdict(code: string, rule: Rule, verdict: SlotVerdict): Rule {
  switch (verdict.type) {
    case "ok":
      // It was busy or being made a moment ago; whatever else the server said still holds.
      return rule;
    case "inUse":
      return code === "55006" || rule.action !== "stop" ? later(remedyOf("slot_in_use")) : rule;
    case "missing":
      return never(remedyOf("slot_missing"));
    case "lost":
      return never(remedyOf("slot_lost"));
    case "behind":
      return never(remedyOf("server_behind"));
    case "otherSystem":
      return never(remedyOf("other_system"));
    default:
      return unreachable(verdict);
  }
}

function find(error: unknown): { readonly code: string; readonly rule: Rule } {
  if (typeof error !== "object" || error === null) return { code: "unknown", rule: unknownError };
  const code = text(error, "code");
  const name = text(error, "name");
  const own = Object.hasOwn(byName, name) ? byName[name] : undefined;
  if (own !== undefined) {
    // One kind stands for several endpoints: what they have in common decides.
    const members = "errors" in error && Array.isArray(error.errors) ? error.errors : [];
    if (members.length > 0) return { code, rule: ofSeveral(members.map((member) => find(member).rule)) };
    const key = name === "ConnectionError" ? text(error, "kind") : code;
    const rule = Object.hasOwn(own, key) ? own[key] : undefined;
    return { code, rule: rule ?? unknownError };
  }
  if (/^[0-9A-Z]{5}$/.test(code) && !Object.hasOwn(errnoRules, code)) return { code, rule: ofState(code) };
  const rule = Object.hasOwn(errnoRules, code) ? errnoRules[code] : undefined;
  return { code: code === "" ? "unknown" : code, rule: rule ?? unknownError };
}

/** One endpoint that may answer later is enough for another attempt. */
function ofSeveral(rules: readonly Rule[]): Rule {
  return rules.every(({ action }) => action === "stop")
    ? never("See the error of each endpoint: none will pass by itself.")
    : connectionRules.all_endpoints_failed;
}

function ofState(code: string): Rule {
  const exact = Object.hasOwn(stateRules, code) ? stateRules[code] : undefined;
  const ofClass = Object.hasOwn(classRules, code.slice(0, 2)) ? classRules[code.slice(0, 2)] : undefined;
  return exact ?? ofClass ?? unknownState;
}

function text(error: object, property: "code" | "name" | "kind"): string {
  const value: unknown = property in error ? (error as Record<string, unknown>)[property] : undefined;
  return typeof value === "string" ? value : "";
}
