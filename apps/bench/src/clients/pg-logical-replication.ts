// pg-logical-replication at its best: acknowledges when the server asks, not for each message.
import { consumePgLogicalReplication } from "./pg-logical-replication-service.ts";

consumePgLogicalReplication({ acknowledge: { auto: false, timeoutSeconds: 0 } });
