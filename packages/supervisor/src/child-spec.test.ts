import { describe, expect, test } from "vitest";
import { fromCallback } from "xstate";
import { parseChildren, parseChildSpec, parseChildSpecFor } from "./child-spec.ts";

const logic = fromCallback(() => {});
const start = { logic };
const withCode = (code: string) => expect.objectContaining({ name: "SupervisorError", code });

describe("child specs", () => {
  test("S32: only id and start are required; a worker is permanent and has 5000 ms to shut down", () => {
    expect(parseChildSpec({ id: "a", start })).toEqual({
      id: "a",
      start,
      restart: "permanent",
      type: "worker",
      shutdown: 5000,
      significant: false,
      startTimeoutMs: 5000,
      name: undefined,
      modules: [logic],
    });
  });

  test("S32: a supervisor has all the time it needs to shut down", () => {
    expect(parseChildSpec({ id: "a", start, type: "supervisor" }).shutdown).toBe("infinity");
  });

  test("S32: any value is an id and unknown keys are left out", () => {
    const id = { shard: 1 };
    const parsed = parseChildSpec({ id, start, colour: "red" });
    expect(parsed.id).toBe(id);
    expect(parsed).not.toHaveProperty("colour");
  });

  test.each([
    ["invalid_child_spec", "worker"],
    ["invalid_child_spec", null],
    ["invalid_child_spec", [{ id: "a", start }]],
    ["missing_id", { start }],
    ["missing_start", { id: "a" }],
    ["invalid_mfa", { id: "a", start: "startLink" }],
    ["invalid_mfa", { id: "a", start: { logic: {} } }],
    ["invalid_mfa", { id: "a", start: { input: 1 } }],
    ["invalid_mfa", { id: "a", start: { ...start, ready: 4 } }],
    ["invalid_mfa", { id: "a", start: { ...start, ready: {} } }],
    ["invalid_restart_type", { id: "a", start, restart: "always" }],
    ["invalid_significant", { id: "a", start, significant: "yes" }],
    ["invalid_child_type", { id: "a", start, type: "actor" }],
    ["invalid_shutdown", { id: "a", start, shutdown: -1 }],
    ["invalid_shutdown", { id: "a", start, shutdown: 1.5 }],
    ["invalid_shutdown", { id: "a", start, shutdown: "kill" }],
    ["invalid_modules", { id: "a", start, modules: "mod" }],
    ["timeout_value", { id: "a", start, startTimeoutMs: 0 }],
    ["timeout_value", { id: "a", start, startTimeoutMs: "forever" }],
  ])("S41: a malformed spec is refused with %s", (code, spec) => {
    expect(() => parseChildSpec(spec)).toThrow(withCode(code));
  });

  test("S41: the first violation wins, in OTP's order", () => {
    const spec: Record<string, unknown> = {
      restart: 1,
      significant: 1,
      type: 1,
      shutdown: "x",
      modules: 1,
      startTimeoutMs: -1,
    };
    const order: [string, unknown, string][] = [
      ["missing_id", "a", "id"],
      ["missing_start", start, "start"],
      ["invalid_restart_type", "permanent", "restart"],
      ["invalid_significant", false, "significant"],
      ["invalid_child_type", "worker", "type"],
      ["invalid_shutdown", 1, "shutdown"],
      ["invalid_modules", [], "modules"],
      ["timeout_value", 1, "startTimeoutMs"],
    ];
    for (const [code, valid, key] of order) {
      expect(() => parseChildSpec(spec)).toThrow(withCode(code));
      spec[key] = valid;
    }
    expect(parseChildSpec(spec).id).toBe("a");
  });

  test("S42: a significant child needs an autoShutdown and must not be permanent; autoShutdown is checked first", () => {
    const permanent = { id: "a", start, significant: true };
    expect(() => parseChildSpecFor("never", permanent)).toThrow(/autoShutdown is "never"/);
    expect(() => parseChildSpecFor("never", permanent)).toThrow(withCode("bad_combination"));
    expect(() => parseChildSpecFor("any_significant", permanent)).toThrow(/significant and permanent/);
    expect(parseChildSpecFor("any_significant", { ...permanent, restart: "transient" }).significant).toBe(true);
  });

  test("S43: two specs with one id are refused", () => {
    const children = [
      { id: "a", start },
      { id: "a", start },
    ];
    expect(() => parseChildren("never", children)).toThrow(withCode("duplicate_child_name"));
  });

  test("S44: a refusal of the initial list says that it is about the start spec", () => {
    expect(() => parseChildren("never", [{ id: "a" }])).toThrow(
      expect.objectContaining({ code: "missing_start", where: "start_spec", id: "a" }),
    );
    expect(() => parseChildren("never", "none")).toThrow(
      expect.objectContaining({ code: "badarg", where: "start_spec" }),
    );
  });

  test("the message says what is wrong and what to do", () => {
    expect(() => parseChildSpec({ id: "ticker", start, restart: "always" })).toThrow(
      'Child "ticker": restart is "always". Use "permanent", "transient" or "temporary".',
    );
  });
});
