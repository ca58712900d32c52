// A program: a walsender for many connections at once. When all are there it sends each a keepalive that asks for an
// answer, waits for all answers, and so on; then the same with a small transaction before each keepalive.
import { type AddressInfo, createServer, type Socket } from "node:net";
import { backendFrames } from "../replay/backend-frames.ts";
import { StreamWriter } from "../replay/stream-writer.ts";
import { serveSession } from "../replay/walsender-session.ts";
import { seededRandom } from "../workloads/random.ts";
import { workloads } from "../workloads/workload.ts";
import { ROWS_IN_TRANSACTION, type Rounds } from "./rounds.ts";

const { connections, rounds } = JSON.parse(process.argv[2] ?? "{}") as Rounds;
const keepalive = backendFrames.keepalive(1n, true);
const busy = Buffer.concat([transaction(), keepalive]);
const sockets: Socket[] = [];
let round = 0;
let unanswered = 0;

const stream = { file: "", bytes: 0, rows: 0, transactions: 0, endLsn: "0/1" };
const play = {
  started: (socket: Socket): void => {
    sockets.push(socket);
    if (sockets.length === connections) next();
  },
  status: (): void => {
    unanswered -= 1;
    if (unanswered === 0) next();
  },
};

const server = createServer({ noDelay: true }, (socket) =>
  serveSession(socket, { stream, frames: Buffer.alloc(0), secure: undefined, play }),
);
server.listen(0, "127.0.0.1", 2048, () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());

function next(): void {
  if (round === 2 * rounds) return;
  const bytes = round < rounds ? keepalive : busy;
  round += 1;
  unanswered = connections;
  for (const socket of sockets) socket.write(bytes);
}

function transaction(): Buffer {
  const random = seededRandom(1);
  const writer = new StreamWriter(workloads.W1);
  writer.transaction(Array.from({ length: ROWS_IN_TRANSACTION }, (_, index) => workloads.W1.rowTexts(index, random)));
  return Buffer.from(writer.take());
}
