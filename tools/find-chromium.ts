import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * The browser of this machine: `CHROMIUM_PATH`, else the first of the usual names on the PATH.
 *
 * @returns `undefined` when there is none
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env["CHROMIUM_PATH"];
  if (given !== undefined && given !== "") return given;
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A group of tests that need a browser. Without one they are not run, which is said; in CI that is a failure.
 *
 * @throws Error in CI when there is no browser
 */
export function describeInBrowser(name: string, tests: (executablePath: string) => void): void {
  const executablePath = findChromium();
  if (executablePath !== undefined) {
    describe(name, () => tests(executablePath));
    return;
  }
  const words = "No Chromium found: install chromium or set CHROMIUM_PATH to run the tests of the inspector's page.";
  if (process.env["CI"] === "true") throw new Error(words);
  console.warn(words);
  describe.runIf(false)(name, () => tests(""));
}

/** How tests start it: a container has neither a sandbox of its own nor much shared memory. */
export const chromiumArguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
