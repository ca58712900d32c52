import { type Lsn, lsn } from "@trunkline/protocol";
import {
  acknowledge,
  begin,
  commit,
  createLedger,
  disconnect,
  dispatch,
  finish,
  keepalive,
  type Ledger,
} from "../src/ledger/ledger.ts";

const at = (position: number): Lsn => lsn(BigInt(position));

/** Positions are made small to be read; in WAL they are bytes. The first step makes the ledger. */
const story: readonly (readonly [what: string, step: (ledger: Ledger) => Ledger])[] = [
  ["the stream starts where the slot stands", () => createLedger(at(100))],
  ["transaction A arrives: its commit is at 110 and ends at 120", (ledger) => commit(begin(ledger, at(110)), at(120))],
  ["transaction B arrives: 130, ends at 140", (ledger) => commit(begin(ledger, at(130)), at(140))],
  ["A is handed to the handler", dispatch],
  ["a keepalive says that the server's WAL ends at 500", (ledger) => keepalive(ledger, at(500))],
  ["the handler of A is through", (ledger) => finish(ledger, 1)],
  ["a status update is sent", acknowledge],
  ["B is handed out", dispatch],
  ["**the connection is lost**, the handler of B works on", disconnect],
  [
    "on a new connection B comes again: it is with its handler already, and not handed out",
    (ledger) => commit(begin(ledger, at(130)), at(140)),
  ],
  ["the handler of B is through", (ledger) => finish(ledger, 2)],
  ["a keepalive says 600, and nothing is unfinished", (ledger) => keepalive(ledger, at(600))],
  ["a status update is sent", acknowledge],
  ["the Begin of transaction C (610) comes", (ledger) => begin(ledger, at(610))],
  ["a keepalive inside of it says 610", (ledger) => keepalive(ledger, at(610))],
  ["its Commit comes, ends at 620; C is handed out", (ledger) => dispatch(commit(ledger, at(620)))],
  ["**the process is killed**; the next one starts where the slot stands", ({ acked }) => createLedger(acked)],
  [
    "C comes again, and is handed out, since nobody had finished it",
    (ledger) => dispatch(commit(begin(ledger, at(610)), at(620))),
  ],
];

/** The story as a table of a page, computed by the ledger itself. */
export function ledgerExample(): string {
  const rows = ["| what happens | received | dispatched | durable | acked |", "| --- | --- | --- | --- | --- |"];
  let ledger = createLedger(at(100));
  for (const [what, step] of story) {
    ledger = step(ledger);
    const { received, dispatched, durable, acked } = ledger;
    rows.push(`| ${[what, received, dispatched, durable, acked].join(" | ")} |`);
  }
  return rows.join("\n");
}
