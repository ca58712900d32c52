// Runs in an empty project that has nothing but the packed @trunkline/inspector and what it needs.
import { startInspector } from "@trunkline/inspector";
import { createActor, createMachine } from "xstate";

const root = createActor(createMachine({ initial: "idle", states: { idle: {} } })).start();
const inspector = await startInspector(root, { port: 0 });
const page = await fetch(inspector.url);
if (!page.ok) throw new Error(`The page answers with ${page.status}.`);
const html = await page.text();
const files = [...html.matchAll(/(?:src|href)="([^"#]+\.(?:js|css))"/g)].map(([, file]) => file);
if (files.length === 0) throw new Error(`The page asks for no file:\n${html}`);
for (const file of files) {
  const answer = await fetch(new URL(file, inspector.url));
  if (!answer.ok) throw new Error(`${file} answers with ${answer.status}.`);
  await answer.arrayBuffer();
}
await inspector.close();
root.stop();
console.log("served");
