import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { describe } from "vitest";
import { findChromium } from "./chromium.ts";

/** An open page, and everything it asked for or complained about. */
export interface Opened {
  readonly page: Page;
  /** The address of each request. */
  readonly requests: readonly string[];
  /** Errors and warnings on its console, and exceptions that nobody caught. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const executablePath = findChromium();

/**
 * A group of tests that need a browser. Without one they are not run, which is said; in CI that is a failure.
 *
 * @throws Error in CI when there is no browser
 */
export function describeInBrowser(name: string, tests: () => void): void {
  if (executablePath !== undefined) {
    describe(name, tests);
    return;
  }
  const words = "No Chromium found: set CHROMIUM_PATH or install chromium to run the tests of the inspector's page.";
  if (process.env["CI"] === "true") throw new Error(words);
  console.warn(words);
  describe.runIf(false)(name, tests);
}

/** Starts a browser that speaks to this machine only. */
export async function startBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error("No Chromium found.");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

/** Opens an address at 1280 × 720, or as the options say. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error.stack ?? error)));
  await page.goto(url);
  return { page, requests, complaints, close: () => context.close() };
}
