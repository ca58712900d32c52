let failures = 0;

/** How many checks have failed so far. */
export const failed = (): number => failures;

/** Runs one check and prints a line for it; what it printed is shown only when it fails. `undefined` when it has failed. */
export async function check<T>(title: string, work: () => Promise<T>): Promise<T | undefined> {
  const started = performance.now();
  try {
    const result = await work();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`ok    ${title} (${seconds} s)\n`);
    return result;
  } catch (error) {
    failures += 1;
    const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
    process.stdout.write(`FAIL  ${title}\n${message}\n${stdout}${stderr}\n`);
    return undefined;
  }
}
