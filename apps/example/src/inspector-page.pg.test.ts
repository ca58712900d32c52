import { inspector } from "@trunkline/inspector";
import { makeRuntime, silentLogger } from "@trunkline/process";
import { subscription } from "@trunkline/subscription";
import { Supervisor } from "@trunkline/supervisor";
import { sharedPostgres } from "@trunkline/testing";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumArguments, describeInBrowser } from "../../../tools/find-chromium.ts";

const patient = { timeout: 30_000 };

describeInBrowser("the inspector of a subscription", (executablePath) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: chromiumArguments });
  });
  afterAll(() => browser?.close());

  test("the ladder moves while rows are written, and the answer changes while the handler hangs and after", async () => {
    const server = await sharedPostgres();
    await using database = await server.database();
    await database.query("CREATE TABLE orders (id int PRIMARY KEY, note text)");
    let address = "";
    let hang = false;
    let goOn = (): void => {};
    const app = await Supervisor.startLink(
      [
        subscription({
          id: "orders",
          connection: { connectionString: database.url },
          slot: `s_${database.name}`,
          publications: { name: "orders", tables: ["orders"] },
          health: { intervalMs: 500 },
          onChange: () =>
            new Promise<void>((done) => {
              goOn = done;
              if (!hang) done();
            }),
        }),
        inspector({
          port: 0,
          app: "shop",
          logger: {
            ...silentLogger,
            info: (_fields, message) => (address = message.replace("inspector listening on ", "")),
          },
        }),
      ],
      { strategy: "one_for_one", name: "app", runtime: makeRuntime({ logger: silentLogger }) },
    );
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(address);
    const durable = page.locator("#ladder .rung", { hasText: "durable" }).locator(".lsn");
    const answer = page.locator("#answer");
    await expect.poll(() => durable.textContent(), patient).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    await expect.poll(() => page.locator(".st.on:not(.compound)").count(), patient).toBeGreaterThan(0);

    const before = await durable.textContent();
    await database.query("INSERT INTO orders SELECT n, 'x' FROM generate_series(1, 100) AS n");
    await expect.poll(() => durable.textContent(), patient).not.toBe(before);
    await expect.poll(() => answer.getAttribute("class"), patient).toContain("fine");

    hang = true;
    await database.query("INSERT INTO orders VALUES (1000, 'the one')");
    await expect.poll(() => answer.textContent(), patient).toMatch(/Your handler has held transaction \d+ for/);
    await expect.poll(() => answer.getAttribute("class")).toContain("held");
    await expect.poll(() => page.title(), patient).toBe("orders, not advancing · Trunkline");
    await expect.poll(() => page.locator("#ladder .gap.hold").textContent()).toContain("in your handler");
    const stuck = await durable.textContent();

    hang = false;
    goOn();
    await expect.poll(() => answer.getAttribute("class"), patient).toContain("fine");
    await expect.poll(() => durable.textContent(), patient).not.toBe(stuck);
    expect(requests.filter((url) => new URL(url).hostname !== "127.0.0.1")).toEqual([]);
    await page.close();
    await Supervisor.stop(app, "shutdown");
  });
});
