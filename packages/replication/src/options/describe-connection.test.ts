import { expect, test } from "vitest";
import { describeConnection } from "./describe-connection.ts";

test("options are described by where they lead and as whom, and by nothing secret", () => {
  const connectionString = "postgres://app:hunter2@db.internal,standby:6543/shop";
  const described = describeConnection({ connectionString });
  expect(described).toEqual({ servers: "db.internal:5432, standby:6543", user: "app", database: "shop" });
  expect(JSON.stringify(described)).not.toContain("hunter2");
});
