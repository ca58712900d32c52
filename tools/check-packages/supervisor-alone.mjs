// Runs in an empty project that has nothing but the packed @trunkline/process and @trunkline/supervisor, and xstate.
import { call, makeRuntime, reply, silentLogger } from "@trunkline/process";
import { Supervisor } from "@trunkline/supervisor";
import { fromTransition } from "xstate";

const counter = fromTransition((count, event) => {
  if (event.type !== "call") return count;
  if (event.request === "crash") throw new Error("crashed on purpose");
  reply(event.from, count + 1);
  return count + 1;
}, 0);

const app = await Supervisor.startLink([{ id: "counter", start: { logic: counter }, name: "counter" }], {
  strategy: "one_for_one",
  runtime: makeRuntime({ logger: silentLogger }),
});
console.log("count", await call("counter", "next"));
console.log("count", await call("counter", "next"));
console.log("crash", await call("counter", "crash").catch((error) => error.code));
const [child] = await Supervisor.whichChildren(app); // asked after the restart: one request at a time
console.log("child", child.id);
console.log("count", await call("counter", "next"));
await Supervisor.stop(app, "shutdown");
console.log("stopped");
