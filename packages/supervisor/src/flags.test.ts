import { describe, expect, test } from "vitest";
import { parseFlags, refuseUnknownOptions } from "./flags.ts";

describe("supervisor flags", () => {
  test("S55: three restarts in five seconds and no auto-shutdown by default; the strategy must be chosen", () => {
    expect(parseFlags({ strategy: "one_for_one" })).toEqual({
      strategy: "one_for_one",
      maxRestarts: 3,
      maxSeconds: 5,
      autoShutdown: "never",
    });
    expect(() => parseFlags({})).toThrow(expect.objectContaining({ code: "invalid_strategy" }));
  });

  test.each([
    ["invalid_strategy", { strategy: "simple_one_for_one" }],
    ["invalid_intensity", { strategy: "one_for_one", maxRestarts: -1 }],
    ["invalid_intensity", { strategy: "one_for_one", maxRestarts: 1.5 }],
    ["invalid_intensity", { strategy: "one_for_one", maxRestarts: "3" }],
    ["invalid_period", { strategy: "one_for_one", maxSeconds: 0 }],
    ["invalid_period", { strategy: "one_for_one", maxSeconds: Number.POSITIVE_INFINITY }],
    ["invalid_auto_shutdown", { strategy: "one_for_one", autoShutdown: "always" }],
  ])("S44: malformed flags are refused with %s", (code, flags) => {
    expect(() => parseFlags(flags)).toThrow(expect.objectContaining({ code, where: "supervisor_data" }));
  });

  test("S44: the first violation wins: strategy, intensity, period, auto-shutdown", () => {
    expect(() => parseFlags({ strategy: 1, maxRestarts: -1, maxSeconds: 0, autoShutdown: 1 })).toThrow(
      expect.objectContaining({ code: "invalid_strategy" }),
    );
    expect(() => parseFlags({ strategy: "one_for_one", maxRestarts: -1, maxSeconds: 0, autoShutdown: 1 })).toThrow(
      expect.objectContaining({ code: "invalid_intensity" }),
    );
    expect(() => parseFlags({ strategy: "one_for_one", maxSeconds: 0, autoShutdown: 1 })).toThrow(
      expect.objectContaining({ code: "invalid_period" }),
    );
  });

  test("an unknown option is refused and the one that was meant is named", () => {
    expect(() => refuseUnknownOptions({ max_restarts: 3 }, ["maxRestarts"])).toThrow(/Did you mean maxRestarts\?/);
    expect(() => refuseUnknownOptions({ MAXRESTARTS: 3 }, ["maxRestarts"])).toThrow(/Did you mean maxRestarts\?/);
    expect(() => refuseUnknownOptions({ colour: 3 }, ["maxRestarts"])).toThrow(/Known options: maxRestarts\./);
    expect(() => refuseUnknownOptions(undefined, ["maxRestarts"])).toThrow(expect.objectContaining({ code: "badarg" }));
  });
});
