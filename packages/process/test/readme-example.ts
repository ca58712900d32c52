import { type CallEvent, call, type DownEvent, exited, monitor, reply, start } from "@trunkline/process";
import { fromTransition } from "xstate";

// Any XState logic is a process: a machine, a promise, a callback, an observable, or, as here, a reducer.
const counter = fromTransition((total: number, event: CallEvent<{ add: number }, number>) => {
  if (event.type !== "call") return total;
  if (event.request.add < 0) throw new RangeError("it only counts up");
  reply(event.from, total + event.request.add);
  return total + event.request.add;
}, 0);

const watcher = fromTransition((_state: null, event: DownEvent) => {
  if (event.type === "otp.down") console.log("watcher: it ended with", event.reason.type);
  return null;
}, null);

const watching = await start({ logic: watcher });
const counting = await start({ logic: counter }, { name: "counter" });
monitor(watching, counting);

console.log("total:", await call(counting, { add: 2 })); // typed: a Promise<number>
const end = exited(counting);
await call(counting, { add: -1 }).catch((error) =>
  console.log(`${error.name} ${error.code}: ${error.reason.error.message}`),
);
console.log("exited:", (await end).type);
await call("counter", { add: 1 }).catch((error) => console.log(`${error.name} ${error.code}`)); // its name is free
