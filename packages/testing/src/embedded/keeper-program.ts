/**
 * The keeper: a Node process between us and the postmaster, which outlives us by a moment. It owns one directory and
 * one postmaster; when the channel to us closes, for whatever reason (also SIGKILL), it stops the one and removes the other.
 * Plain JavaScript in a string, so that it runs alike from our sources and from the built package.
 */
export const keeperProgram = String.raw`
"use strict";
const { spawn } = require("node:child_process");
const { chownSync, mkdirSync, rmSync } = require("node:fs");

let directory, copying, postmaster, ending = false;

// Ctrl-C reaches every process of the terminal; ours is to leave after our parent.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
process.on("message", (order) => orders[order.type](order));
process.on("disconnect", end);
const tell = (event) => { if (process.connected) process.send(event, () => {}); };

const orders = {
  copy({ from, to, user }) {
    directory = to;
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    if (user.uid !== undefined) chownSync(directory, user.uid, user.gid);
    let complaint = "";
    copying = spawn("cp", ["-R", from, directory + "/data"], { ...user, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
    copying.stderr.on("data", (text) => { complaint += text; });
    copying.on("error", (error) => { complaint += error.message; });
    copying.on("close", (code) => {
      copying = undefined;
      if (ending) return finish();
      tell(code === 0 ? { type: "copied" } : { type: "copyFailed", complaint });
    });
  },
  start({ program, args, user, env }) {
    const child = spawn(program, args, { ...user, env, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
    postmaster = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => tell({ type: "log", text }));
    }
    child.on("error", (error) => tell({ type: "log", text: error.message + "\n" }));
    // close, not exit: no process of that server is left once nobody holds its stderr.
    child.on("close", () => {
      postmaster = undefined;
      tell({ type: "exited" });
      if (ending) finish();
    });
  },
  signal({ signal }) {
    if (postmaster === undefined) tell({ type: "exited" });
    else postmaster.kill(signal);
  },
};

function end() {
  ending = true;
  if (copying !== undefined) return copying.kill("SIGKILL");
  if (postmaster === undefined) return finish();
  postmaster.kill("SIGQUIT");
  postmaster.kill("SIGCONT");
  setTimeout(() => postmaster && postmaster.kill("SIGKILL"), 10000).unref();
}

function finish() {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  process.exit(0);
}
`;
