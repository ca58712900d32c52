// postgres' subscribe, as it comes. It makes a temporary slot of its own, so that on a real server it sees only what
// is written after it says that it is ready; it shows no Begin and no Commit.
import { consumePostgres } from "./postgres-subscribe.ts";

await consumePostgres({});
