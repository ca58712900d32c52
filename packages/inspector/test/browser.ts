import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumArguments } from "../../../tools/find-chromium.ts";

/** An open page, and everything it asked for or complained about. */
export interface Opened {
  readonly page: Page;
  /** The address of each request. */
  readonly requests: readonly string[];
  /** Errors and warnings on its console, and exceptions that nobody caught. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Starts a browser that speaks to this machine only. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: chromiumArguments });
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
