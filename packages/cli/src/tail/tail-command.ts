import { Command, InvalidArgumentError } from "commander";
import { collect } from "../collect.ts";
import { type ConnectionFlags, connectionOf, withConnection } from "../connection/connection.ts";
import type { Run } from "../run-command.ts";
import { tail } from "./tail.ts";
import { type OperationName, operationNames, type TailFlags, tailRequest } from "./tail-request.ts";

const help = `
Examples:
  trunkline tail postgres://me@localhost/shop --table orders
  trunkline tail --publication shop --operation delete --operation truncate
  trunkline tail --all-tables --json | jq -c 'select(.kind == "insert") | .new'
  trunkline tail --publication shop --slot audit_trail --limit 100
  trunkline tail --publication shop --slot audit_trail --from 16/B374D848

Without --slot a temporary slot is read: it begins now, changes nothing for other readers, and is gone at the end. With
--slot it goes on where that slot was left; a transaction is confirmed when its last change is written, so it does not
come again, to anybody. One that --limit or Ctrl-C cuts is not confirmed, and comes again whole.
--table without --publication, and --all-tables, make a publication that is dropped at the end.

--json: one object a line. All have kind, position (sorts as text, the same each time), lsn; those of transactions have
xid and committedAt.
  insert {table,new}  update {table,old,new,unchanged?}  delete {table,old}  old: {"type":"key"|"full","row"} or null
  truncate {tables,cascade,restartIdentity}  message {transactional,prefix,content|contentHex}
  relation {table,columns,added,removed,altered,renamedFrom}
int8, numeric, times and bytes (\\x…) are text; json is as it was written; a value that an update left in TOAST is
missing in new and named in unchanged.

The first Ctrl-C ends it tidily, the second at once. Exit codes: 0 ended by Ctrl-C, --limit or | head, 1 something is
missing (see trunkline doctor), 2 usage, 3 no connection, 4 other failures, 130 ended by a second Ctrl-C.`;

/** `trunkline tail`: prints changes as they are committed. */
export function tailCommand(run: Run): Command {
  return withTailOptions(new Command("tail"))
    .summary("print the changes of a database as they are committed")
    .description("Prints each committed change as a line, in commit order.")
    .option("--json", "print one JSON object a line")
    .addHelpText("after", help)
    .action((url: string | undefined, flags: ConnectionFlags & TailFlags) =>
      run((screen) => tail(tailRequest(connectionOf(url, flags, "trunkline tail"), flags), screen), url ?? flags.url),
    );
}

/** Adds what says where changes are read, and which. */
export const withTailOptions = (command: Command): Command =>
  withConnection(command)
    .option("-p, --publication <name>", "a publication that exists (repeatable)", collect)
    .option("-t, --table <name>", "only this table, schema.table outside public (repeatable)", collect)
    .option("-a, --all-tables", "all tables; needs a superuser")
    .option("-o, --operation <kind>", "only changes of this kind (repeatable)", operation)
    .option("-s, --slot <name>", "a lasting slot; default: a temporary one")
    .option("--create-slot", "make the slot when it does not exist; it keeps WAL until it is dropped")
    .option("--from <lsn>", "pass over what was committed before")
    .option("-n, --limit <count>", "end after so many changes", count);

function operation(text: string, before: readonly OperationName[] | undefined): readonly OperationName[] {
  const found = operationNames.find((name) => name === text.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError(`It is one of ${operationNames.join(", ")}.`);
  return [...(before ?? []), found];
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It is a whole number from 1.");
}
