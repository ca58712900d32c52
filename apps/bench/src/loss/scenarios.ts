import { setTimeout as wait } from "node:timers/promises";
import type { Scenario } from "./scenario.ts";

const forever = (): Promise<void> => new Promise(() => {});

const manual = { acknowledge: { auto: false, timeoutSeconds: 1 } };
const manualWithoutTimer = { acknowledge: { auto: false, timeoutSeconds: 0 } };
const oneAfterAnother = { flowControl: { enabled: true } };

const handlerNeverResolves: Scenario = {
  name: "handler never resolves",
  service: manual,
  run: async (stage) => {
    await stage.start(forever);
    await stage.write(3);
    await wait(4000); // several rounds of a timer that acknowledges each second
    await stage.kill();
  },
};

const handlerThrows: Scenario = {
  name: "handler throws on the 2nd of 3",
  service: oneAfterAnother,
  run: async (stage) => {
    await stage.start(async (id) => {
      if (id === 2) throw new Error("The handler fails on row 2.");
    });
    await stage.write(3);
    await stage.log.until(({ finished }) => finished.has(3), 3000);
    await wait(500);
    await stage.kill();
  },
};

const stopWithBacklog: Scenario = {
  name: "stop and subscribe with a backlog",
  service: oneAfterAnother,
  run: async (stage) => {
    await stage.write(20);
    await stage.start(async () => {
      await wait(50);
    });
    await stage.log.until(({ finished }) => finished.size >= 2, 3000);
    await stage.stop(); // in the middle of what has been received
    await stage.resume();
    await stage.log.until(({ finished }) => finished.size >= 20, 5000);
  },
};

const defaultsWithSlowHandler: Scenario = {
  name: "defaults with a slow handler",
  service: {},
  run: async (stage) => {
    await stage.start(async () => {
      await wait(30_000);
    });
    await stage.write(3);
    await wait(2000);
    await stage.kill();
  },
};

const walsenderTerminated: Scenario = {
  name: "walsender terminated",
  service: oneAfterAnother,
  run: async (stage) => {
    await stage.start();
    await stage.write(1);
    await stage.log.until(({ finished }) => finished.has(1), 3000);
    await stage.terminateWalsenders();
    for (let second = 0; second < 10; second += 1) {
      await stage.write(1);
      await wait(1000);
    }
  },
};

const idle: Scenario = {
  name: "idle with wal_sender_timeout=2s",
  service: manualWithoutTimer,
  settings: { wal_sender_timeout: "2s" },
  run: async (stage) => {
    await stage.start();
    await wait(6000);
    await stage.write(3);
    await stage.log.until(({ finished }) => finished.size >= 3, 3000);
  },
};

/** Six ordinary ways to lose rows. */
export const scenarios: readonly Scenario[] = [
  handlerNeverResolves,
  handlerThrows,
  stopWithBacklog,
  defaultsWithSlowHandler,
  walsenderTerminated,
  idle,
];
