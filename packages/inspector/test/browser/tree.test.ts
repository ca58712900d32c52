import { makeRuntime, silentLogger, whereis } from "@trunkline/process";
import { Supervisor } from "@trunkline/supervisor";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createActor, setup } from "xstate";
import { describeInBrowser } from "../../../../tools/find-chromium.ts";
import { type Inspector, startInspector } from "../../src/start-inspector.ts";
import { openPage, startBrowser } from "../browser.ts";

const lamp = setup({ types: { events: {} as { type: "next" } | { type: "fail" } } }).createMachine({
  id: "lamp",
  initial: "off",
  context: { watts: 2n ** 60n + 1n },
  on: {
    fail: {
      actions: () => {
        throw new RangeError("the filament broke");
      },
    },
  },
  states: {
    off: { on: { next: "shining" } },
    shining: { initial: "dim", states: { dim: { on: { next: "bright" } }, bright: {} }, on: { next: "off" } },
  },
});

describeInBrowser("the page of a running tree", (chromium) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser(chromium);
  });
  afterAll(() => browser?.close());

  const row = (page: Page, place: string) => page.locator(`[data-place="${place}"]`);

  const look = async (inspector: Inspector, test: (page: Page) => Promise<void>): Promise<void> => {
    const opened = await openPage(browser, inspector.url);
    await test(opened.page);
    expect(opened.complaints).toEqual([]);
    expect(opened.requests.filter((url) => new URL(url).hostname !== "127.0.0.1")).toEqual([]);
    await opened.close();
    await inspector.close();
  };

  test("a supervised machine shows its state as it changes, and its crash and restart", async () => {
    const app = await Supervisor.startLink([{ id: "lamp", name: "lamp", start: { logic: lamp } }], {
      strategy: "one_for_one",
      name: "app",
      runtime: makeRuntime({ logger: silentLogger }),
    });
    await look(await startInspector(app, { port: 0, logger: silentLogger }), async (page) => {
      await row(page, "app/lamp").click();
      const lit = () => page.locator(".st.on:not(.compound)").getAttribute("data-state");
      await expect.poll(lit).toBe("lamp.off");
      whereis("lamp")?.send({ type: "next" });
      await expect.poll(lit).toBe("lamp.shining.dim");
      whereis("lamp")?.send({ type: "next" });
      await expect.poll(lit).toBe("lamp.shining.bright");
      await expect.poll(() => row(page, "app/lamp").textContent()).toContain("bright");
      await expect.poll(() => page.locator(".context").textContent()).toContain("1152921504606846977");
      whereis("lamp")?.send({ type: "fail" });
      await expect.poll(() => row(page, "app/lamp").textContent()).toContain("RangeError");
      await expect.poll(() => page.locator(".crashes li").first().textContent()).toMatch(/lamp.*the filament broke/);
      await page.getByRole("button", { name: /^Go to x:\d+, its successor$/ }).click();
      await expect.poll(lit).toBe("lamp.off");
    });
    await Supervisor.stop(app, "shutdown");
  });

  test("a plain tree of XState, started without this library, is shown as well", async () => {
    const root = createActor(lamp, { id: "desk" });
    root.start();
    await look(await startInspector(root, { port: 0, logger: silentLogger }), async (page) => {
      await row(page, "desk").waitFor();
      const lit = () => page.locator(".st.on:not(.compound)").getAttribute("data-state");
      await expect.poll(lit).toBe("lamp.off");
      root.send({ type: "next" });
      await expect.poll(lit).toBe("lamp.shining.dim");
    });
    root.stop();
  });
});
