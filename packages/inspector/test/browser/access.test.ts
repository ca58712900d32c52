import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { describeInBrowser } from "../../../../tools/find-chromium.ts";
import { type Opened, openPage, startBrowser } from "../browser.ts";
import { type FakeServer, startFakeServer } from "../fake-server.ts";
import { greeting, held, plots } from "../frames.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

describeInBrowser("the page for every reader", (chromium) => {
  let browser: Browser;
  let server: FakeServer;
  let opened: Opened | undefined;

  beforeAll(async () => {
    browser = await startBrowser(chromium);
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    server = await startFakeServer(greeting);
  });
  afterEach(async () => {
    await opened?.close();
    await server.close();
  });

  const open = async (options: Parameters<typeof openPage>[2] = {}): Promise<Page> => {
    opened = await openPage(browser, server.url, options);
    await server.hears((frame) => frame.t === "select");
    server.send(held);
    server.send(plots);
    await opened.page.getByText("Your handler has held").waitFor();
    return opened.page;
  };

  const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute("data-place"));

  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of [
      { width: 1280, height: 720 },
      { width: 390, height: 844 },
    ]) {
      test(`axe finds nothing in ${colorScheme} at ${viewport.width} wide: a worker, a supervisor, the keys, a lost process`, async () => {
        // The page's policy lets nothing be injected; for axe it is set aside.
        const page = await open({ colorScheme, viewport, bypassCSP: true, reducedMotion: "reduce" });
        await page.addScriptTag({ content: axe });
        expect(await violations(page)).toEqual([]);
        await page.locator('[data-place="app"]').click();
        await page.getByRole("region", { name: "Children of app" }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.locator(".crashes summary").first().click();
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Keys" }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press("Escape");
        server.goAway();
        await page.getByText("Lost the process at").waitFor();
        expect(await violations(page)).toEqual([]);
      });
    }
  }

  test("the tree is moved through, opened, closed and searched from the keyboard", async () => {
    const page = await open();
    await page.locator('[data-place="app/orders"]').focus();
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => focused(page)).toBe("app/orders/connection");
    await server.hears((frame) => frame.t === "select" && frame.ref === "x:2");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => focused(page)).toBe("app/orders");
    await page.keyboard.press("ArrowLeft");
    const orders = page.locator('[data-place="app/orders"]');
    await expect.poll(() => orders.getAttribute("aria-expanded")).toBe("false");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => orders.getAttribute("aria-expanded")).toBe("true");
    await page.keyboard.press("End");
    await expect.poll(() => focused(page)).toBe("app/health");
    await page.keyboard.press("Home");
    await expect.poll(() => focused(page)).toBe("app");
    await page.keyboard.type("inv");
    await expect.poll(() => focused(page)).toBe("app/invoices");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  test("the filter keeps the parents of what it finds, says when it finds nothing, and is cleared", async () => {
    const page = await open();
    await page.keyboard.press("/");
    await page.keyboard.type("uploading");
    const names = page.locator(".row .nm");
    await expect.poll(() => names.allTextContents()).toEqual(["app", "workers", "worker-06", "worker-10"]);
    await page.keyboard.type("!");
    await page.getByText("No process matches ‘uploading!’.").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => names.count()).toBe(19);
    await page.getByRole("button", { name: "1 restarting" }).click();
    await expect.poll(() => names.allTextContents()).toEqual(["app", "workers", "worker-09"]);
  });

  test("keys lead to the panels, and the theme changes and is kept", async () => {
    const page = await open();
    for (const [key, id] of [
      ["a", "answer"],
      ["l", "ladder"],
      ["c", "statechart"],
      ["p", "plots"],
      ["x", "crashes"],
    ] as const) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe(id);
    }
    const canvas = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await expect.poll(() => canvas()).toBe("rgb(255, 255, 255)");
    await page.keyboard.press("t");
    await page.keyboard.press("t");
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await expect.poll(() => canvas()).toBe("rgb(21, 24, 28)");
    await page.reload();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    await expect.poll(() => canvas()).toBe("rgb(21, 24, 28)");
  });

  test("the first Tab leads past the tree", async () => {
    const page = await open();
    await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the process");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
    expect(new URL(page.url()).hash).toBe("#orders");
  });

  test("at 1280 × 720 the tree, the answer, the ladder, the chart and the plots are on the first screen", async () => {
    const page = await open();
    for (const name of ["#answer", "#ladder", "#statechart", ".plot .pb"]) {
      const box = await page.locator(name).first().boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? 9999), name).toBeLessThanOrEqual(720);
    }
  });

  test("on a phone nothing is wider than the screen, what lies deep is folded and targets are large", async () => {
    const page = await open({ viewport: { width: 390, height: 844 } });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await expect
      .poll(() => page.locator(".row .nm").allTextContents())
      .toEqual(["app", "orders", "invoices", "workers", "inspector", "health"]);
    const answer = await page.locator("#answer").boundingBox();
    expect(answer?.y).toBeLessThan(844);
    for (const target of await page.locator("button:visible:not(.lsn)").all()) {
      expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(24);
    }
    // A position's target reaches beyond its line.
    const position = page.locator("button.lsn").nth(2);
    await position.scrollIntoViewIfNeeded();
    const line = await position.boundingBox();
    if (line === null) throw new Error("no position to be seen");
    const hit = ([x, y]: readonly [number, number]) =>
      document.elementFromPoint(x, y)?.closest("button")?.textContent ?? "";
    const above = [line.x + line.width / 2, line.y - 7] as const;
    await expect.poll(() => page.evaluate(hit, above)).toBe("0/3A7E8A10");
  });

  test("with reduced motion nothing moves", async () => {
    const page = await open({ reducedMotion: "reduce" });
    const moving = await page.evaluate(() => document.getAnimations().length);
    expect(moving).toBe(0);
  });
});

/** What axe finds: the rule, and where. */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary}`),
    );
  });
}
