import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { describeInBrowser } from "../../../../tools/find-chromium.ts";
import { type Opened, openPage, startBrowser } from "../browser.ts";
import { type FakeServer, startFakeServer } from "../fake-server.ts";
import { chart, crashes, greeting, held, hello, tree } from "../frames.ts";

describeInBrowser("the link to the process", (chromium) => {
  let browser: Browser;
  let server: FakeServer;
  let opened: Opened;

  beforeAll(async () => {
    browser = await startBrowser(chromium);
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    server = await startFakeServer(greeting);
    opened = await openPage(browser, server.url);
    await server.hears((frame) => frame.t === "select");
    server.send(held);
    await opened.page.getByText("Your handler has held").waitFor();
  });
  afterEach(async () => {
    await opened.close();
    await server.close();
  });

  const notice = () => opened.page.locator(".notice").textContent();

  test("a lost process leaves everything as it was, greyed, with the clock stopped and the next try counted down", async () => {
    const { page } = opened;
    server.goAway();
    await page.getByText("Lost the process at").waitFor();
    await expect
      .poll(() => notice())
      .toMatch(/^Lost the process at \d\d:\d\d:\d\d\. Trying again (in \d+ s|now)\. What you see is from then\./);
    await expect.poll(() => page.locator(".page").getAttribute("class")).toContain("past");
    await expect.poll(() => page.title()).toBe("Lost demo · Trunkline");
    await page.getByText("Your handler has held").waitFor();
    const age = await page.locator("#ladder .hd span").textContent();
    const before = await notice();
    await expect.poll(notice).not.toBe(before);
    await expect.poll(() => page.locator("#ladder .hd span").textContent()).toBe(age);
  });

  test("the same process that comes back is live again, with the selection kept", async () => {
    const { page } = opened;
    await page.locator('[data-place="app/health"]').click();
    server.goAway();
    await page.getByText("Lost the process at").waitFor();
    server.comeBack(greeting);
    await page.getByRole("button", { name: "Try now" }).click();
    await page.getByText("Live").first().waitFor();
    await expect.poll(() => page.locator(".notice").count()).toBe(0);
    await expect.poll(() => page.locator('[data-place="app/health"]').getAttribute("aria-selected")).toBe("true");
    await expect
      .poll(() => server.heard.filter((frame) => frame.t === "select").at(-1))
      .toEqual({ t: "select", ref: "x:8" });
  });

  test("another process in its place is shown, told by its pid, at the same place of the tree", async () => {
    const { page } = opened;
    server.goAway();
    await page.getByText("Lost the process at").waitFor();
    const procs = tree.procs.map((proc) => ({
      ...proc,
      ref: `y${proc.ref}`,
      ...(proc.parent === undefined ? {} : { parent: `y${proc.parent}` }),
    }));
    server.comeBack([{ ...hello, pid: 48377 }, { ...tree, procs }, chart, crashes]);
    await page.getByText("demo restarted (pid 48113 → 48377). Showing the new one.").waitFor();
    await expect.poll(() => page.locator('[data-place="app/orders"]').getAttribute("aria-selected")).toBe("true");
    await expect.poll(() => server.heard.at(-1)).toEqual({ t: "seen", seq: 1 });
    expect(server.heard).toContainEqual({ t: "select", ref: "yx:1" });
  });

  test("a link whose token is not the server's has expired, and is not tried again", async () => {
    const expired = await openPage(browser, server.url.replace(/token=.*/, "token=of-yesterday"));
    const words = "This link has expired. Take the new one from the log line ‘inspector listening’.";
    await expired.page.getByText(words).waitFor();
    await expect.poll(() => expired.page.title()).toBe("Link expired · Trunkline");
    await expired.close();
  });
});
