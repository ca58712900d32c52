import type { TestClient } from "@trunkline/testing";
import { pinnedSettings, runAll, type Scenario } from "./scenario.ts";

/** A column of each type with values that are hard to read; every row gets one value of each list, or NULL. */
const columns: readonly (readonly [type: string, ...values: string[]])[] = [
  ["bool", "t", "f"],
  ["int2", "-32768", "32767", "0"],
  ["int4", "-2147483648", "2147483647"],
  ["int8", "-9223372036854775808", "9223372036854775807", "999999999999999", "1000000000000000", "-1"],
  ["oid", "4294967295", "0"],
  ["float4", "16777216", "0.1", "-0", "NaN", "3.4028235e+38", "1e-45", "-Infinity"],
  ["float8", "Infinity", "-Infinity", "NaN", "-0", "1e15", "0.00001", "0.1", "5e-324"],
  ["numeric", "NaN", "Infinity", "-Infinity", "0.10", "-12345678901234567890.000100", "0", "10000", "1e-20"],
  ["numeric(10,2)", "1", "99999999.99"],
  ["text", "", "plain", "é𝄞\u0001", "NULL"],
  ["varchar(5)", "five5"],
  ["bpchar(4)", "ab"],
  ["name", "a name"],
  ['"char"', "x"],
  ["bytea", "\\x00ff41", "\\x"],
  ["date", "infinity", "-infinity", "0044-03-15 BC", "10000-01-01", "2000-02-29", "1999-12-31", "5874897-12-31"],
  ["time", "24:00:00", "00:00:00", "23:59:59.999999", "12:00:00.5"],
  ["timetz", "12:00:00.5+05:30", "12:00:00-15:59:59", "24:00:00+00"],
  [
    "timestamp",
    "infinity",
    "-infinity",
    "0044-03-15 01:02:03.5 BC",
    "2024-01-01 00:00:00",
    "294276-12-31 23:59:59.999999",
    "4713-01-01 00:00:00 BC",
  ],
  [
    "timestamptz",
    "infinity",
    "-infinity",
    "0044-03-15 01:02:03 BC",
    "2026-11-22 10:11:12.123456+00",
    "1969-12-31 23:59:59.999999+00",
  ],
  ["interval", "1 year 2 mons -3 days 04:05:06.789", "-1 days", "0", "1 mon -00:00:01"],
  ["uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
  ["json", '{"b":1,  "a":[1, 2], "b":2}', "null", '"é"', "[]"],
  ["jsonb", '{"b": 2, "a": [1, 2], "n": 1.50, "u": "é"}', "null", "12345678901234567890"],
  ["xml", "<a>b</a>"],
  ["money", "1234.50", "-1"],
  ["bit(5)", "10110"],
  ["varbit", "", "101"],
  ["inet", "10.0.0.1", "10.0.0.1/8", "::1"],
  ["cidr", "10.0.0.0/8"],
  ["macaddr", "08:00:2b:01:02:03"],
  ["point", "(1.5,-2)"],
  ["path", "[(0,0),(1,1)]"],
  ["circle", "<(0,0),1>"],
  ["line", "{1,2,3}"],
  ["box", "(1,1),(0,0)"],
  ["pg_lsn", "16/B374D848", "0/0"],
  ["tid", "(1,2)"],
  ["xid8", "5"],
  ["tsvector", "a:1A fat:2 cat"],
  ["int4range", "[1,5)", "empty", "(,5]"],
  ["tsrange", "[2024-01-01 00:00:00,2024-01-02 10:00:00)"],
  ["int4multirange", "{[1,3),[5,7)}", "{}"],
  ["mood", "very happy"],
  ["pair", '(1,"a ""b"", c\\\\d")', "(,)", '(1,"")'],
  ["positive", "5"],
  ["int4[]", "{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[0:2]={1,2,3}", "[-1:0][2:3]={{1,2},{3,4}}"],
  ["int8[]", "{9223372036854775807,NULL}"],
  ["text[]", '{"a,b","\\"q\\"","b\\\\s","NULL",NULL,"","{x}"," sp",plain,é}', "{{{a},{b}}}"],
  ["box[]", "{(1,1),(0,0);(2,2),(1,1)}"],
  ["bytea[]", '{"\\\\x00",NULL}'],
  ["bool[]", "{t,f,NULL}"],
  ["timestamp[]", '{"2024-01-01 00:00:00",infinity}'],
  ["numeric[]", "{1.10,NaN,NULL}"],
  ["float8[]", "{0.1,Infinity}"],
  ["jsonb[]", '{"{\\"a\\": 1}","null",NULL}'],
  ["uuid[]", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"],
  ["mood[]", '{sad,"very happy",NULL}'],
  ["int4range[]", '{"[1,3)",empty}'],
];

const rows = Math.max(...columns.map(([, ...values]) => values.length)) + 1;

async function prepare(session: TestClient): Promise<void> {
  const list = columns.map(([type], index) => `c${index} ${type}`).join(", ");
  await runAll(session, [
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'very happy')",
    "CREATE TYPE pair AS (number int, word text)",
    "CREATE DOMAIN positive AS int CHECK (value > 0)",
    `CREATE TABLE hard_values (${list})`,
    "CREATE PUBLICATION golden FOR TABLE hard_values",
  ]);
}

/** The last row is all NULL. */
async function play({ session }: { readonly session: TestClient }): Promise<void> {
  await session.query("SET TimeZone = 'UTC'");
  for (let row = 0; row < rows; row++) {
    const values = columns.map(([type, ...texts]) => {
      const text = texts[row];
      return text === undefined ? "NULL" : `'${text.replaceAll("'", "''")}'::${type}`;
    });
    await session.query(`INSERT INTO hard_values VALUES (${values.join(", ")})`);
  }
}

/** Values of many types in their text form. */
export const valuesScenario: Scenario = {
  name: "values",
  since: 14,
  twoPhase: false,
  options: { proto_version: "1" },
  settings: pinnedSettings,
  prepare,
  play,
};

/** The same values in their binary form. */
export const binaryValuesScenario: Scenario = {
  ...valuesScenario,
  name: "values-binary",
  options: { proto_version: "1", binary: "true" },
};

/** Times where the zone is not a whole number of hours, or minutes. */
export const zonesScenario: Scenario = {
  ...valuesScenario,
  name: "zones",
  settings: { ...pinnedSettings, TimeZone: "Asia/Kolkata" },
  async prepare(session) {
    await runAll(session, ["CREATE TABLE zoned (at timestamptz)", "CREATE PUBLICATION golden FOR TABLE zoned"]);
  },
  async play({ session }) {
    await session.query(
      "INSERT INTO zoned VALUES ('1800-01-01 00:00:00+00'), ('2026-11-22 00:00:00.5+00'), ('0044-03-15 00:00:00+00 BC'), ('infinity')",
    );
  },
};
