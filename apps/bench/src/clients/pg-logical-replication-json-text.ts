// pg-logical-replication at its best, with jsonb left as text.
import pg from "pg";
import { consumePgLogicalReplication } from "./pg-logical-replication-service.ts";

const JSONB = 3802;

pg.types.setTypeParser(JSONB, (text) => text);
consumePgLogicalReplication({ acknowledge: { auto: false, timeoutSeconds: 0 } });
