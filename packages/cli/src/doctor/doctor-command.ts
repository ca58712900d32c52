import { Command } from "commander";
import { collect } from "../collect.ts";
import { type ConnectionFlags, connectionOf, withConnection } from "../connection/connection.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Run } from "../run-command.ts";
import { doctorReport } from "./doctor-report.ts";
import type { DoctorFlags } from "./doctor-subject.ts";
import { examine } from "./examine.ts";

type Flags = ConnectionFlags & DoctorFlags & { readonly json?: boolean };

const help = `
Examples:
  trunkline doctor postgres://me@localhost:5432/shop
  trunkline doctor --table orders --table audit.events
  PGDATABASE=shop trunkline doctor --publication orders --slot search_index --json

Without --publication and --table all publications of the database are examined. Nothing is changed: the SQL is for
you to run. --json: {"ready":boolean,"findings":[{"code","severity","what","sql":[…],"afterwards"?}]}

Exit codes: 0 ready (there may be warnings), 1 something is missing, 2 usage, 3 no connection, 4 other failures.`;

/** `trunkline doctor`: what the server, the role, the publication and the tables lack, and the SQL that repairs it. */
export function doctorCommand(run: Run): Command {
  return withConnection(new Command("doctor"))
    .summary("find out what is missing, with the SQL that repairs it")
    .description("Looks at everything that following changes needs, and says all at once what is missing.")
    .option("-s, --slot <name>", "a slot that is or will be used")
    .option("-p, --publication <name>", "a publication to examine (repeatable)", collect)
    .option("-t, --table <name>", "a table that is to be followed, schema.table outside public (repeatable)", collect)
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action((url: string | undefined, flags: Flags) =>
      run(async (screen): Promise<ExitCode> => {
        const connection = connectionOf(url, flags, "trunkline doctor");
        screen.status("Looking at the server …");
        const { examined, diagnosis, publications } = await examine(connection, flags);
        screen.status("");
        const next = `trunkline tail ${publications.map((name) => `--publication ${shellWord(name)}`).join(" ")}`;
        const tables = flags.publication === undefined ? flags.table : undefined;
        const command =
          tables === undefined
            ? next
            : `trunkline tail ${tables.map((name) => `--table ${shellWord(name)}`).join(" ")}`;
        const text = flags.json
          ? `${JSON.stringify(diagnosis)}\n`
          : doctorReport(examined, diagnosis, command, screen.colours);
        await screen.print(text);
        return diagnosis.ready ? exitCodes.ok : exitCodes.no;
      }, url ?? flags.url),
    );
}

/** As a POSIX shell reads it as one word. */
const shellWord = (text: string): string =>
  /^[\w.:/@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
