import { createChangeDecoder, formatLsn } from "@trunkline/protocol";

const decoder = createChangeDecoder(); // one for each START_REPLICATION: it remembers relations

// what PostgreSQL 18 sent: Begin, Relation, Update (key changed), Commit
const messages = [
  "420000000001bc86e8000303df01554453 0000030e",
  "520000400f 7075626c696300 706c61696e00 64 0002 01696400 00000017ffffffff 00776f726400 00000019ffffffff",
  "550000400f 4b0002 740000000133 6e 4e0002 740000000134 7400000000",
  "4300000000 0001bc86e8 0000000001bc8718 000303df01554453",
];
for (const hex of messages) {
  const message = decoder.decode(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  switch (message.kind) {
    case "update":
      console.log(`${message.relation.name}: ${JSON.stringify(message.old)} became ${JSON.stringify(message.new)}`);
      break;
    case "commit":
      console.log(`confirm ${formatLsn(message.endLsn)} once that is stored`);
      break;
    default:
      console.log(message.kind);
  }
}
