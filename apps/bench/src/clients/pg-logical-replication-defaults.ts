// pg-logical-replication as it comes: acknowledges each message.
import { consumePgLogicalReplication } from "./pg-logical-replication-service.ts";

consumePgLogicalReplication(undefined);
