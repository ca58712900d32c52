import { expect, test } from "vitest";
import { fromTransition } from "xstate";
import * as P from "./index.ts";

test("S139: a call is answered, and a crash is told to whoever waits for the exit", async () => {
  type Ev = P.CallEvent<"get", number> | P.CastEvent<number> | { type: "boom" };
  const counter = fromTransition((s: number, e: Ev) => {
    switch (e.type) {
      case "call":
        P.reply(e.from, s);
        return s;
      case "cast":
        return s + e.request;
      case "boom":
        throw new Error("boom");
      default:
        return s;
    }
  }, 0);
  const runtime = P.makeRuntime({ logger: P.silentLogger, clock: new P.SimulatedTime() });
  const ref = await P.startLink({ logic: counter }, { runtime });
  P.cast(ref, 3);
  const n: number = await P.call(ref, "get");
  expect(n).toBe(3);
  const end = P.exited(ref);
  P.send(ref, { type: "boom" });
  expect((await end).type).toBe("error");
  await expect(P.call(ref, "get")).rejects.toMatchObject({ code: "noproc" });
});
