// postgres' subscribe with jsonb left as text.
import { consumePostgres } from "./postgres-subscribe.ts";

const JSONB = 3802;

await consumePostgres({
  types: { json: { to: JSONB, from: [JSONB], serialize: (text: string) => text, parse: (text: string) => text } },
});
