import { expect, test } from "vitest";
import { createActor, createMachine } from "xstate";
import { exited } from "./exit.ts";
import { isProcess } from "./is-process.ts";
import { start } from "./start.ts";
import { shownMessage, shownState, sys } from "./sys.ts";

const machine = createMachine({ context: { password: "hunter2", orders: 3 } });

test("an actor that was started through this library is a process; asking about another does not make it one", async () => {
  const process = await start({ logic: machine });
  const actor = createActor(machine).start();
  expect(isProcess(process)).toBe(true);
  expect(isProcess(actor)).toBe(false);
  expect(isProcess(actor)).toBe(false);
  void exited(actor);
  expect(isProcess(actor)).toBe(true);
});

test("what is shown of a state and of a message is what getStatus shows, redacted as the process asks", async () => {
  const process = await start({ logic: machine });
  expect(shownState(process)).toEqual({ password: "[redacted]", orders: 3 });
  expect(shownMessage(process, { type: "login", token: "t" } as { type: string })).toEqual({
    type: "login",
    token: "[redacted]",
  });
  sys.provide(process, { formatStatus: () => "hidden" });
  expect(shownMessage(process, { type: "login" })).toBe("hidden");
  expect(shownState(process)).toBe("hidden");
  expect((await sys.getStatus(process)).state).toBe("hidden");
});
