import { subscribe } from "@trunkline/subscription";

interface Order {
  id: number;
  status: string;
  total: string; // numeric stays exact
}

const orders = subscribe<{ orders: Order }>({
  connection: { connectionString: process.env.DATABASE_URL },
  slot: "orders_loop", // made when it does not exist; it remembers where this script was
  publications: { name: "orders", tables: ["orders"] }, // made as well
});

console.log("waiting for orders");
for await (const transaction of orders) {
  for await (const change of transaction.changes) {
    if (change.kind === "insert") console.log(`order ${change.new.id}: ${change.new.total}`);
    if (change.kind === "update") console.log(`order ${change.new.id} is ${change.new.status}`);
  }
  transaction.confirm(); // what this transaction said is done: never again
  if (process.argv.includes("--once")) break;
}
