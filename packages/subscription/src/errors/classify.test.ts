import { conditions, lsn, PostgresError, ProtocolError } from "@trunkline/protocol";
import { AuthenticationError, ConfigError, ConnectionError, ReplicationError } from "@trunkline/replication";
import { describe, expect, test } from "vitest";
import type { SlotVerdict } from "../slot/slot-verdict.ts";
import { classify } from "./classify.ts";
import type { ErrorAction } from "./rule.ts";
import { classRules, stateRules } from "./server-rules.ts";
import { SubscriptionError, type SubscriptionErrorCode } from "./subscription-error.ts";

const serverError = (code: string, severity = "ERROR"): PostgresError =>
  new PostgresError({
    severity,
    localizedSeverity: severity,
    code,
    condition: undefined,
    message: "?",
    detail: undefined,
    hint: undefined,
    position: undefined,
    internalPosition: undefined,
    internalQuery: undefined,
    where: undefined,
    schema: undefined,
    table: undefined,
    column: undefined,
    dataType: undefined,
    constraint: undefined,
    file: undefined,
    line: undefined,
    routine: undefined,
  });

/** Every SQLSTATE that the facts of the walsender name, and what follows from it without a look at the slot. */
const named: readonly (readonly [code: string, action: ErrorAction, lookAtSlot: boolean])[] = [
  ["08P01", "stop", false],
  ["0A000", "stop", false],
  ["22023", "stop", false],
  ["22P05", "stop", false],
  ["25001", "stop", false],
  ["28000", "stop", false],
  ["28P01", "stop", false],
  ["3D000", "stop", false],
  ["40001", "retryWithBackoff", true],
  ["42501", "stop", false],
  ["42601", "stop", false],
  ["42602", "stop", false],
  ["42704", "stop", true],
  ["42710", "stop", false],
  ["42P10", "stop", false],
  ["53300", "retryWithBackoff", false],
  ["53400", "stop", false],
  ["55000", "stop", true],
  ["55006", "retryWithBackoff", true],
  ["55P03", "retryWithBackoff", false],
  ["57014", "retryNow", false],
  ["57P01", "retryNow", true],
  ["57P03", "retryWithBackoff", false],
  ["57P05", "retryNow", false],
  ["58P01", "stop", false],
  ["XX000", "retryWithBackoff", false],
];

describe("what the server reports", () => {
  test.each(named)("%s leads to %s", (code, action, lookAtSlot) => {
    expect(classify(serverError(code))).toMatchObject({ code, action, lookAtSlot });
    expect(stateRules).toHaveProperty(code);
  });

  test("every SQLSTATE of the manual has a rule of its own or of its class, with a sentence for a person", () => {
    for (const code of Object.keys(conditions)) {
      expect(code in stateRules || code.slice(0, 2) in classRules, code).toBe(true);
      expect(classify(serverError(code)).remedy, code).toMatch(/[.?]$/);
    }
  });

  test("a SQLSTATE that an extension made up is tried again later", () => {
    expect(classify(serverError("ZZ123"))).toMatchObject({ code: "ZZ123", action: "retryWithBackoff" });
  });
});

describe("an error that leaves open whether the slot is well", () => {
  const position = lsn(1n);
  const verdicts: readonly SlotVerdict[] = [
    { type: "ok", confirmed: position },
    { type: "inUse", pid: 7 },
    { type: "missing", because: "absent" },
    { type: "lost", because: "wal_removed" },
    { type: "behind", walEnd: position, ours: position },
    { type: "otherSystem", server: { systemId: "1", timeline: 1 }, ours: { systemId: "2", timeline: 1 } },
  ];
  const table: Readonly<Record<string, Record<SlotVerdict["type"], ErrorAction>>> = {
    "57P01": {
      ok: "retryNow",
      inUse: "retryWithBackoff",
      missing: "stop",
      lost: "stop",
      behind: "stop",
      otherSystem: "stop",
    },
    "55006": {
      ok: "retryWithBackoff",
      inUse: "retryWithBackoff",
      missing: "stop",
      lost: "stop",
      behind: "stop",
      otherSystem: "stop",
    },
    "55000": { ok: "stop", inUse: "stop", missing: "stop", lost: "stop", behind: "stop", otherSystem: "stop" },
    "42704": { ok: "stop", inUse: "stop", missing: "stop", lost: "stop", behind: "stop", otherSystem: "stop" },
    "40001": {
      ok: "retryWithBackoff",
      inUse: "retryWithBackoff",
      missing: "stop",
      lost: "stop",
      behind: "stop",
      otherSystem: "stop",
    },
  };

  test("trap 10: the slot's verdict decides, and nothing is left open then", () => {
    for (const [code, expected] of Object.entries(table)) {
      for (const verdict of verdicts) {
        const found = classify(serverError(code), verdict);
        expect([code, verdict.type, found.action]).toEqual([code, verdict.type, expected[verdict.type]]);
        expect(found.lookAtSlot).toBe(false);
      }
    }
  });

  test("a lost slot is told with what to do", () => {
    expect(classify(serverError("57P01", "FATAL"), { type: "lost", because: "wal_removed" }).remedy).toBe(
      "Drop the slot, take a new snapshot, and raise max_slot_wal_keep_size.",
    );
  });

  test("what does not concern the slot is not changed by its verdict", () => {
    expect(classify(serverError("28P01"), { type: "lost", because: "wal_removed" })).toMatchObject({ action: "stop" });
    expect(classify(serverError("57P03"), { type: "missing", because: "absent" }).action).toBe("retryWithBackoff");
  });
});

describe("what the transport reports", () => {
  const failed = (kind: ConstructorParameters<typeof ConnectionError>[1]["kind"], errors: readonly Error[] = []) =>
    new ConnectionError("?", { kind, transport: "tcp", action: "connect", errors });

  test("trap 10: a FIN without a word is tried again at once, after a look at the slot", () => {
    expect(classify(failed("closed"))).toMatchObject({ action: "retryNow", lookAtSlot: true });
  });

  test("a server that is not there is tried again later, TLS that fails is not", () => {
    expect(classify(failed("refused"))).toMatchObject({ code: "connection_refused", action: "retryWithBackoff" });
    expect(classify(failed("not_found")).action).toBe("retryWithBackoff");
    expect(classify(failed("tls_failed")).action).toBe("stop");
    expect(classify(failed("tls_unavailable")).action).toBe("stop");
  });

  test("of several endpoints one that may answer later is enough", () => {
    const both = [failed("refused"), serverError("28P01")];
    expect(classify(failed("all_endpoints_failed", both)).action).toBe("retryWithBackoff");
    expect(classify(failed("all_endpoints_failed", [serverError("28P01"), serverError("3D000")])).action).toBe("stop");
  });

  test("errors of authentication, options and the protocol have rules", () => {
    expect(classify(new AuthenticationError("password_unavailable", "?")).action).toBe("retryWithBackoff");
    expect(classify(new AuthenticationError("server_unverified", "?")).action).toBe("stop");
    expect(classify(new ConfigError("option_unknown", "?")).action).toBe("stop");
    expect(classify(new ReplicationError("liveness_timeout", "?")).action).toBe("retryNow");
    expect(classify(new ProtocolError("relation_unknown", "?")).action).toBe("retryWithBackoff");
  });
});

describe("the rest", () => {
  test("Node's own codes, and look-alikes of SQLSTATEs among them", () => {
    for (const code of ["ENOTFOUND", "ECONNREFUSED", "EPIPE"]) {
      expect(classify(Object.assign(new Error("?"), { code })), code).toMatchObject({
        code,
        action: "retryWithBackoff",
      });
    }
    expect(classify(Object.assign(new Error("?"), { code: "EPERM" })).action).toBe("stop");
  });

  test("a sink's server errors are told by their SQLSTATE, whatever class they have", () => {
    expect(classify(Object.assign(new Error("?"), { name: "error", code: "40P01" })).action).toBe("retryNow");
  });

  test("what nobody knows stops, rather than being tried for ever", () => {
    for (const error of [new Error("?"), "text", null, undefined, 3, { code: 5 }, { code: "constructor" }]) {
      expect(classify(error).action).toBe("stop");
    }
  });

  test("every code of ours has a rule", () => {
    const codes: readonly SubscriptionErrorCode[] = ["slot_in_use", "slot_lost", "handler_failed", "copy_malformed"];
    const actions = codes.map((code) => classify(new SubscriptionError(code, "?")).action);
    expect(actions).toEqual(["retryWithBackoff", "stop", "stop", "stop"]);
  });
});
