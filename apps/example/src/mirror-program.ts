// Keeps a copy of the table `accounts` in a second Postgres, each transaction applied exactly once there.
// Before, on both sides: CREATE TABLE accounts (id bigint PRIMARY KEY, balance numeric);
// Usage:  mirror-program.ts <URL of the source> <URL of the copy>
import { Supervisor } from "@trunkline/supervisor";
import pg from "pg";
import { mirror } from "./mirror.ts";

const [source = "", copy = ""] = process.argv.slice(2);
const sink = new pg.Pool({ connectionString: copy });
sink.on("error", () => {}); // an idle client was ended: the pool makes another
const spec = await mirror({ connection: { connectionString: source } }, sink);
const app = await Supervisor.startLink([spec], { strategy: "one_for_one" });
process.once("SIGTERM", () => void Supervisor.stop(app).then(() => sink.end()));
console.log("mirroring");
