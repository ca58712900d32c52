import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { silentLogger } from "@trunkline/process";
import { Supervisor } from "@trunkline/supervisor";
import { expect, test } from "vitest";
import { createActor, createMachine } from "xstate";
import { inspector, type StatelyFrame, statelyAdapter } from "../src/index.ts";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");
const [program = "", output = "", child = "", stately = ""] = blocks;

test("the program that the README opens with is readme-example.ts; it prints what the README says, and ends when it is told to", async () => {
  const file = fileURLToPath(new URL("./readme-example.ts", import.meta.url));
  expect(program).toBe(await readFile(file, "utf8"));
  const run = spawn(process.execPath, ["--import", "tsx", "--conditions=@trunkline/source", file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(run.stdout), "line")) as [string];
    const like = (text: string) => text.trim().replace(/:\d+/, ":0").replace(/=\S+/, "=…");
    expect(like(line)).toBe(like(output));
    expect((await fetch(line.split(" ").at(-1) ?? "")).status).toBe(200);
    run.kill("SIGTERM");
    expect(await once(run, "exit")).toEqual([0, null]);
  } finally {
    run.kill("SIGKILL");
  }
});

const light = createMachine({ id: "light", initial: "green", states: { green: {} } });

test("the README's supervision tree is one", async () => {
  expect(child).toContain('[{ id: "light", start: { logic: light } }, inspector({ app: "crossing" })]');
  const app = await Supervisor.startLink(
    [{ id: "light", start: { logic: light } }, inspector({ app: "crossing", port: 0, logger: silentLogger })],
    { strategy: "one_for_one" },
  );
  expect(Object.keys(app.getSnapshot().children)).toEqual(["light", "inspector"]);
  await Supervisor.stop(app);
});

test("the README's adapter is an inspect option", () => {
  expect(stately).toContain("createActor(light, { inspect }).start()");
  const frames: StatelyFrame[] = [];
  const { inspect } = statelyAdapter({ send: (frame) => frames.push(frame) });
  createActor(light, { inspect }).start().stop();
  expect(frames.map(({ type }) => type)).toContain("@xstate.actor");
});
