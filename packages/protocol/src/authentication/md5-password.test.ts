import { expect, test } from "vitest";
import { md5Password } from "./md5-password.ts";

// Expected values by Python's hashlib.
test.each([
  ["user", "password", [1, 2, 3, 4], "md5a3576f1ae039b8996bc4fc2720f9c71a"],
  ["user", "pässwörd", [255, 0, 128, 7], "md5f9f2e9fd73d1f58b7e46a90fa2c25e3e"],
])("the md5 answer for %s and %s hashes twice, the salt in the second", (user, password, salt, expected) => {
  expect(md5Password({ user, password, salt: Uint8Array.from(salt) })).toBe(expected);
});
