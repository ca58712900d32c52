import { spawn } from "node:child_process";
import { once } from "node:events";
import { startInspector } from "@trunkline/inspector";
import { silentLogger, start } from "@trunkline/process";
import { type AnyActorRef, fromCallback } from "xstate";

/** Nobody looks, or a page does that has selected what runs. */
export type Onlooker = "nobody" | "a page";

/** A page in a process of its own: it says what it has seen, and selects the first process with a statechart. */
const page = `
const socket = new WebSocket(process.argv[1]);
let selected = false;
socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.seq === undefined) return;
  socket.send(JSON.stringify({ t: "seen", seq: frame.seq }));
  const charted = (frame.procs ?? frame.changed).find(({ chart }) => chart !== undefined);
  if (charted !== undefined && !selected) {
    selected = true;
    socket.send(JSON.stringify({ t: "select", ref: charted.ref }));
  }
  if (frame.t === "tree") console.log("open");
};
socket.onclose = () => process.exit();
`;

/** An actor whose tree is inspected; what is to be measured is started below it. */
export async function inspectedRoot(onlooker: Onlooker): Promise<AnyActorRef> {
  const root = await start({ logic: fromCallback(() => {}) }, { id: "bench" });
  const { url } = await startInspector(root, { port: 0, logger: silentLogger });
  if (onlooker === "nobody") return root;
  const socketUrl = url.replace("http:", "ws:").replace("/?", "/ws?");
  const browser = spawn(process.execPath, ["--experimental-websocket", "--eval", page, socketUrl], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  process.once("exit", () => browser.kill());
  await once(browser.stdout, "data");
  browser.stdout.destroy();
  browser.unref();
  return root;
}
