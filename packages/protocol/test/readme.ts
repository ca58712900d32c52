import {
  createReplicationSlot,
  decodeLsn,
  encodeStandbyStatusUpdate,
  formatLsn,
  parseLsn,
  startReplication,
} from "@trunkline/protocol";

const flushed = parseLsn("16/B374D848");
const walEnd = parseLsn("16/B374E000");
console.log(`${formatLsn(walEnd)} is ${walEnd - flushed} bytes ahead`);
console.log(createReplicationSlot({ slot: "demo", temporary: true, snapshot: "nothing" }));
console.log(startReplication({ slot: "demo", publications: ["My,Pub"], streaming: "on" }));

const status = { written: walEnd, flushed, applied: flushed, clock: 0n, replyRequested: false };
console.log(encodeStandbyStatusUpdate(status).toString("hex"));

const refused = decodeLsn("-1/0");
if (!refused.ok) console.log(`${refused.error.code}: ${refused.error.message}`);
