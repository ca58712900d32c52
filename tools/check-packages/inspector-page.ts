import { copyInto } from "./project.ts";
import { run } from "./repository.ts";

/** An inspector started from the tarball serves its page, and every file that the page asks for. */
export async function servesItsPage(project: string): Promise<void> {
  const program = await copyInto(project, "inspector-page.mjs");
  const { stdout } = await run(process.execPath, [program], { cwd: project, timeout: 60_000 });
  if (!stdout.endsWith("served\n")) throw new Error(`inspector-page.mjs printed\n${stdout}`);
}
