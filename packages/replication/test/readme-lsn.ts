import { decodeLsn, encodeLsn, formatLsn, parseLsn } from "@trunkline/replication";

const lsn = parseLsn("16/B374D848"); // throws a ProtocolError for other text
console.log(lsn, formatLsn(lsn), `${parseLsn("16/B374E000") - lsn} bytes`);
console.log(encodeLsn(97500059720n), decodeLsn("16/B374D848")); // never throw
const refused = decodeLsn("+1/0");
console.log(refused.ok ? refused.value : refused.error.code);
