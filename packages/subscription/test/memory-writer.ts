// Commits transactions of one row each at a rate, until so many are written. `memory.ts` starts it.
import { withSql } from "../src/session/sql-session.ts";

/** What it tells its parent when it is through. */
export interface Written {
  readonly transactions: number;
  readonly seconds: number;
}

const [url = "", perSecond = "", total = ""] = process.argv.slice(2);

await withSql({ connectionString: url }, async (session) => {
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  for (let written = 0; written < Number(total); ) {
    const due = Math.min(Number(total), Math.floor(seconds() * Number(perSecond)));
    if (due > written) await session.query(`CALL write_things(${written + 1}, ${due})`);
    else await new Promise((resolve) => setTimeout(resolve, 10));
    written = due;
  }
  const done: Written = { transactions: Number(total), seconds: seconds() };
  process.send?.(done);
});
process.disconnect();
