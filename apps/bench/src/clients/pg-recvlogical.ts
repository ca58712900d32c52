// pg_recvlogical, which comes with Postgres, writing to /dev/null: one write(2) for each message. It ends by itself at
// the stream's end. It can't count: that it has seen all is known from where it ended. Its CPU is the whole process'.
import { spawnSync } from "node:child_process";
import { existsSync, writeSync } from "node:fs";
import { type ClientReport, readTask } from "./task.ts";

const task = readTask();
const [program = "pg_recvlogical"] = process.argv.slice(3);
const startedAt = performance.now();
const command = [
  program,
  `--dbname=host=${task.host} port=${task.port} user=${task.user} dbname=${task.database} sslmode=disable gssencmode=disable`,
  `--slot=${task.slot}`,
  "--start",
  "--no-loop",
  "--file=/dev/null",
  "--fsync-interval=0",
  `--endpos=${task.endLsn}`,
  "--option=proto_version=1",
  `--option=publication_names=${task.publication}`,
];
const timed = existsSync("/usr/bin/time") ? ["/usr/bin/time", "--format=%M", ...command] : ["env", ...command];
const ended = spawnSync("bash", ["-c", 'TIMEFORMAT="%3U %3S"; time "$@"', "bash", ...timed], { encoding: "utf8" });
const lines = ended.stderr.trim().split("\n");
const [user = Number.NaN, system = Number.NaN] = (lines.at(-1) ?? "").split(" ").map(Number);
if (ended.status !== 0 || Number.isNaN(user + system)) {
  console.error(ended.stderr);
  process.exit(1);
}
const memory = Number(lines.at(-2));
const report: ClientReport = {
  rows: task.rows,
  transactions: task.transactions,
  cpuMicros: Math.round((user + system) * 1e6),
  wallMicros: Math.round((performance.now() - startedAt) * 1000),
  maxRssKb: Number.isInteger(memory) && memory > 0 ? memory : null,
};
writeSync(1, `${JSON.stringify(report)}\n`);
