import { expect, test } from "vitest";
import { received, startRecorder } from "../test/recorder.ts";
import { call } from "./call.ts";
import { exited, kill } from "./exit.ts";
import { killed } from "./exit-reason.ts";
import { registered, registerName, unregisterName } from "./local-name.ts";
import { monitor } from "./monitor.ts";
import { localName } from "./name.ts";
import { NameError } from "./name-error.ts";
import { cast, send } from "./send.ts";
import { settle } from "./simulated-time.ts";
import { stop } from "./stop.ts";
import { whereis } from "./whereis.ts";

test("S137: one name stands for one process, and is free when the process ends", async () => {
  const [first, second] = [await startRecorder(), await startRecorder()];
  registerName("local.test one", first);
  expect(whereis("local.test one")).toBe(first);
  expect(registered()).toContain("local.test one");
  expect(() => registerName("local.test one", second)).toThrow(
    expect.objectContaining({ code: "already_registered", holder: first }),
  );
  kill(first);
  expect(whereis("local.test one")).toBeUndefined();
  registerName("local.test one", second);
  expect(whereis(localName("local.test one"))).toBe(second);
});

test("S137: a send to an unknown name throws, a cast does not", () => {
  expect(() => send("local.test nobody", { type: "x" })).toThrow(NameError);
  cast("local.test nobody", "x");
});

test("a name can be given back by hand while its holder lives on", async () => {
  const ref = await startRecorder({ name: "local.test back" });
  unregisterName("local.test back");
  expect(whereis("local.test back")).toBeUndefined();
  expect(() => unregisterName("local.test back")).toThrow(/Nobody holds/);
  registerName("local.test again", ref);
  expect(whereis("local.test again")).toBe(ref);
});

test("a dead process cannot take a name", async () => {
  const ref = await startRecorder();
  kill(ref);
  expect(() => registerName("local.test dead", ref)).toThrow(expect.objectContaining({ code: "noproc" }));
});

test("a name serves wherever a process does: call, monitor, kill, exited, stop", async () => {
  const [holder, observer] = [await startRecorder({ name: "local.test all" }), await startRecorder()];
  void call("local.test all", "x").catch(() => {});
  const ref = monitor(observer, "local.test all");
  const end = exited("local.test all");
  kill("local.test all");
  expect(await end).toEqual(killed);
  await settle();
  expect(received(holder, "call")).toHaveLength(1);
  expect(received(observer)).toEqual([{ type: "otp.down", ref, process: "local.test all", reason: killed }]);
  await startRecorder({ name: "local.test all" });
  await stop("local.test all");
  expect(whereis("local.test all")).toBeUndefined();
});
