import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { describeInBrowser } from "../../../../tools/find-chromium.ts";
import { type Opened, openPage, startBrowser } from "../browser.ts";
import { type FakeServer, startFakeServer } from "../fake-server.ts";
import { chart, crashes, greeting, held, hello, now, plots, tree } from "../frames.ts";

describeInBrowser("the inspector's page", (chromium) => {
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
  });
  afterEach(async () => {
    await opened.close();
    await server.close();
    expect(opened.complaints.filter((text) => !text.includes("WebSocket connection"))).toEqual([]);
  });

  const row = (place: string) => opened.page.locator(`[data-place="${place}"]`);
  const show = async (): Promise<void> => {
    await server.hears((frame) => frame.t === "select" && frame.ref === "x:1");
    server.send(held);
    server.send(plots);
    await opened.page.getByRole("heading", { name: "Why isn’t my slot advancing?" }).waitFor();
  };

  test("the tree appears in start order, with states, mailboxes and restarts", async () => {
    const { page } = opened;
    const grid = page.getByRole("treegrid", { name: "Supervision tree" });
    await grid.getByRole("row", { name: "orders", exact: false }).first().waitFor();
    const names = await grid.locator(".row .nm").allTextContents();
    expect(names.slice(0, 8)).toEqual([
      "app",
      "orders",
      "connection",
      "dispatcher",
      "sampler",
      "invoices",
      "workers",
      "worker-01",
    ]);
    await expect.poll(() => row("app/orders/dispatcher").getAttribute("aria-level")).toBe("3");
    await expect.poll(() => row("app/orders/dispatcher").textContent()).toContain("38");
    await expect.poll(() => row("app").textContent()).toContain("1 of 3 in 5 s");
    await expect.poll(() => row("app/workers").textContent()).toContain("10 children");
  });

  test("a process with an answer is chosen first, and its place stands in the address and the title", async () => {
    await show();
    await expect.poll(() => opened.page.title()).toBe("orders, not advancing · Trunkline");
    expect(new URL(opened.page.url()).hash).toBe("#orders");
  });

  test("the token leaves the address bar at once, and a reload still finds it", async () => {
    await show();
    expect(opened.page.url()).not.toContain("token");
    await opened.page.reload();
    await row("app/orders").waitFor();
  });

  test("the answer stands above its evidence with what to do and what is kept", async () => {
    await show();
    const answer = opened.page.locator("#answer");
    const words = await answer.textContent();
    expect(words).toContain("Your handler has held transaction 48211 for 14.2 s.");
    expect(words).toContain("See what onTransaction is awaiting.");
    expect(words).toContain("8.95 MiB of 1 GiB. Full in 1 h 3 min at 274 KiB/s.");
    await expect.poll(() => answer.locator("code").first().textContent()).toBe("0/3A42F0A8");
    server.send({
      ...held,
      answer: {
        ...(held.answer ?? {}),
        tone: "fine",
        code: "idle",
        question: "Is my slot advancing?",
        sentence: "Up to date.",
        at: now,
      },
    });
    await answer.getByText("Up to date.").waitFor();
    await expect.poll(() => opened.page.title()).toBe("orders · Trunkline");
  });

  test("the ladder shows positions as they came, lights what is held and says what is unknown", async () => {
    await show();
    const ladder = opened.page.locator("#ladder");
    await expect.poll(() => ladder.locator("ol .rung").allTextContents()).toHaveLength(7);
    await expect.poll(() => ladder.locator(".gap.hold").textContent()).toBe("3.80 MiB in your handler, 1 of 38 open");
    await expect.poll(() => ladder.getByText("sampled").textContent()).toMatch(/^sampled \d+\.\d s ago$/);
    const [first, ...rest] = held.ladder?.rungs ?? [];
    if (first === undefined || held.ladder === undefined) throw new Error("no ladder");
    const { lsn: _unknown, ...unknown } = first;
    const gaps = held.ladder.gaps.map((gap, index) => (index === 0 ? { ...gap, bytes: null } : gap));
    server.send({ ...held, ladder: { ...held.ladder, rungs: [unknown, ...rest], gaps } });
    await ladder.getByText("unknown").waitFor();
    await expect.poll(() => ladder.locator(".gap").first().textContent()).toBe("? on the wire");
  });

  test("positions turn into byte differences at a key, and back", async () => {
    await show();
    const last = opened.page.locator("#ladder .rung").last();
    await expect.poll(() => last.textContent()).toContain("0/39F00D58");
    await opened.page.keyboard.press("d");
    await expect.poll(() => last.textContent()).toContain("−8.95 MiB");
    await opened.page.keyboard.press("d");
    await expect.poll(() => last.textContent()).toContain("0/39F00D58");
  });

  test("a ladder that is no longer sampled is greyed and says so", async () => {
    await show();
    const rungs = held.ladder?.rungs.map((rung) => ({ ...rung, at: now - 41_000 })) ?? [];
    if (held.ladder === undefined) throw new Error("no ladder");
    server.send({ ...held, ladder: { ...held.ladder, rungs } });
    await opened.page.getByText(/^sampled \d+\.\d s ago: sampler not answering$/).waitFor();
    await expect.poll(() => opened.page.locator("#ladder").getAttribute("class")).toContain("stale");
  });

  test("the statechart lights the active state, and follows it", async () => {
    await show();
    const lit = () => opened.page.locator(".st.on:not(.compound)").getAttribute("data-state");
    await expect.poll(() => lit()).toBe("connection.connected.streaming");
    const image = opened.page.getByRole("img", { name: /^Statechart\./ });
    await expect
      .poll(() => image.getAttribute("aria-label"))
      .toBe("Statechart. Active: connected, streaming. Transitions are listed beside it.");
    const transition = { at: now, edge: "connected>disconnect", event: "disconnect", to: "closing" };
    server.send({
      ...held,
      active: ["connection", "connection.closing"],
      transitions: [transition, ...held.transitions],
    });
    await expect.poll(lit).toBe("connection.closing");
    await expect
      .poll(() => opened.page.locator(".t1").getAttribute("data-arrow"))
      .toBe("connection.connected connection.closing");
    await expect.poll(() => opened.page.locator(".trans li").first().textContent()).toContain("closing");
  });

  test("a process without a statechart says so", async () => {
    await show();
    await row("app/health").click();
    await opened.page.getByText("This process publishes no statechart.").waitFor();
  });

  test("plots reach back as far as they are asked to, and one crosshair stands over all of them", async () => {
    await show();
    const { page } = opened;
    await page.getByRole("img", { name: /^Changes\/s, last 1 min, now / }).waitFor();
    await page.getByRole("button", { name: "5 min", exact: true }).click();
    const image = page.getByRole("img", { name: /^Changes\/s, last 5 min, now / });
    await image.hover();
    await expect.poll(() => page.locator(".cross").count()).toBe(3);
    server.send({
      ...plots,
      whole: false,
      from: now,
      plots: plots.plots.map((plot) => ({ ...plot, series: plot.series.map((line) => ({ ...line, values: [7] })) })),
      bands: [],
    });
    await page.mouse.move(2, 2);
    await expect.poll(() => page.locator(".plot .pv b").first().textContent()).toBe("7");
  });

  test("a crash and its restart show in the tree and among the crashes, and nothing loses its place", async () => {
    await show();
    const { page } = opened;
    await row("app/orders").focus();
    const before = await page.locator(".row .nm").allTextContents();
    const at = now + 1000;
    const reason = { type: "error", name: "RangeError", message: "out of range" } as const;
    server.send({ t: "delta", seq: 2, at, skipped: 0, gone: [], changed: [{ ref: "x:8", status: "restarting" }] });
    await expect.poll(() => row("app/health").textContent()).toContain("restarting");
    const health = tree.procs.find((proc) => proc.ref === "x:8");
    if (health === undefined) throw new Error("no such process");
    server.send({
      t: "delta",
      seq: 3,
      at: at + 20,
      skipped: 0,
      gone: ["x:8"],
      changed: [{ ...health, ref: "x:57", restarts: 1, startedAt: at + 20, lastExit: { at, reason, downMs: 20 } }],
      order: { "x:0": ["x:1", "x:5", "x:6", "x:7", "x:57"] },
    });
    const then = { did: "restarted", afterMs: 20, ref: "x:57" } as const;
    server.send({
      ...crashes,
      items: [{ n: 6, at, ref: "x:8", path: ["app", "health"], reason, then }, ...crashes.items],
    });
    await expect.poll(() => row("app/health").textContent()).toMatch(/RangeError.*back in 20 ms/s);
    await expect
      .poll(() => page.locator(".crashes li").first().textContent())
      .toMatch(/health.*RangeError.*out of range/s);
    await expect.poll(() => page.locator(".row .nm").allTextContents()).toEqual(before);
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-place"))).toBe("app/orders");
    // Announcements keep a distance of five seconds.
    await expect
      .poll(() => page.locator("#announcer").textContent(), { timeout: 15_000 })
      .toContain("health crashed: RangeError out of range");
  });

  test("a process that ends while it is looked at stays readable and leads to its successor", async () => {
    await show();
    const orders = tree.procs.find((proc) => proc.ref === "x:1");
    if (orders === undefined) throw new Error("no such process");
    const lastExit = { at: now, downMs: 5, reason: { type: "killed" } } as const;
    server.send({
      t: "delta",
      seq: 2,
      at: now + 5,
      skipped: 0,
      gone: ["x:1"],
      changed: [{ ...orders, ref: "x:57", lastExit }],
      order: { "x:0": ["x:57", "x:5", "x:6", "x:7", "x:8"] },
    });
    const { page } = opened;
    await page.getByText(/^Ended \d+\.\d s ago: killed\.$/).waitFor();
    await page.getByText("Your handler has held transaction 48211").waitFor();
    await page.getByRole("button", { name: "Go to x:57, its successor" }).click();
    await server.hears((frame) => frame.t === "select" && frame.ref === "x:57");
    await expect.poll(() => row("app/orders").getAttribute("aria-selected")).toBe("true");
  });

  test("a supervisor shows its budget and its children in start order", async () => {
    await show();
    await row("app").click();
    const { page } = opened;
    await page.getByRole("img", { name: "1 restart in the last 5 s" }).waitFor();
    const children = page.getByRole("region", { name: "Children of app" });
    await expect
      .poll(() => children.locator("tbody .link").allTextContents())
      .toEqual(["orders", "invoices", "workers", "inspector", "health"]);
    await children.getByRole("button", { name: "Child" }).click();
    await expect
      .poll(() => children.locator("tbody .link").allTextContents())
      .toEqual(["health", "inspector", "invoices", "orders", "workers"]);
  });

  test("each update is acknowledged once it is drawn, and a browser that falls behind is told", async () => {
    await show();
    await server.hears((frame) => frame.t === "seen" && frame.seq === 1);
    server.send({ t: "delta", seq: 9, at: now, changed: [], gone: [], skipped: 3 });
    await server.hears((frame) => frame.t === "seen" && frame.seq === 9);
    await opened.page.getByText("Your browser is behind: 3 updates merged.").waitFor();
  });

  test("a pause holds what is shown, and the end of it catches up", async () => {
    await show();
    const { page } = opened;
    await page.keyboard.press("Space");
    await page.getByText("Paused at").waitFor();
    server.send({ t: "delta", seq: 2, at: now, skipped: 0, gone: [], changed: [{ ref: "x:3", mailbox: 99 }] });
    await server.hears((frame) => frame.t === "seen" && frame.seq === 2);
    await expect.poll(() => row("app/orders/dispatcher").textContent()).toContain("38");
    await page.keyboard.press("Space");
    await expect.poll(() => row("app/orders/dispatcher").textContent()).toContain("99");
  });

  test("nothing is asked of another host", async () => {
    await show();
    expect(opened.requests.length).toBeGreaterThan(20);
    expect(opened.requests.filter((url) => new URL(url).host !== `127.0.0.1:${server.port}`)).toEqual([]);
  });

  test("before the first frame it says what it connects to", async () => {
    const silent = await startFakeServer([hello]);
    const other = await openPage(browser, silent.url);
    await other.page.getByText("Connecting to demo…").waitFor();
    silent.send(tree);
    silent.send(chart);
    await other.page.locator('[data-place="app/orders"]').waitFor();
    await other.close();
    await silent.close();
  });
});
