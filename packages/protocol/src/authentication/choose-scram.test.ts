import { expect, test } from "vitest";
import { chooseScram } from "./choose-scram.ts";

const both = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
const plain = ["SCRAM-SHA-256"];
const hash = Uint8Array.of(1, 2, 3);

// Every offer × policy × what is known of the channel, with libpq's outcome; a string is the code of the error.
test.each([
  { mechanisms: both, policy: "prefer", tls: true, endPoint: hash, expected: "tlsServerEndPoint" },
  { mechanisms: both, policy: "require", tls: true, endPoint: hash, expected: "tlsServerEndPoint" },
  { mechanisms: both, policy: "disable", tls: true, endPoint: hash, expected: "unsupported" },
  { mechanisms: both, policy: "prefer", tls: true, endPoint: undefined, expected: "unsupported" },
  { mechanisms: both, policy: "disable", tls: true, endPoint: undefined, expected: "unsupported" },
  { mechanisms: plain, policy: "prefer", tls: true, endPoint: hash, expected: "notOffered" },
  { mechanisms: plain, policy: "disable", tls: true, endPoint: hash, expected: "unsupported" },
  { mechanisms: plain, policy: "prefer", tls: false, endPoint: undefined, expected: "unsupported" },
  { mechanisms: plain, policy: "disable", tls: false, endPoint: undefined, expected: "unsupported" },
] as const)("$policy, tls $tls, hash $endPoint, offered $mechanisms: $expected", ({ expected, ...choice }) => {
  expect(chooseScram(choice).type).toBe(expected);
});

test.each([
  { mechanisms: both, policy: "require", tls: true, endPoint: undefined, code: "authentication_unsupported" },
  { mechanisms: plain, policy: "require", tls: true, endPoint: hash, code: "authentication_unsupported" },
  { mechanisms: plain, policy: "require", tls: false, endPoint: undefined, code: "authentication_unsupported" },
  { mechanisms: both, policy: "prefer", tls: false, endPoint: undefined, code: "server_unverified" },
  { mechanisms: both, policy: "disable", tls: false, endPoint: undefined, code: "server_unverified" },
  { mechanisms: ["SCRAM-SHA-1"], policy: "prefer", tls: true, endPoint: hash, code: "authentication_unsupported" },
  { mechanisms: [], policy: "prefer", tls: false, endPoint: undefined, code: "authentication_unsupported" },
] as const)("$policy, tls $tls, hash $endPoint, offered $mechanisms is refused: $code", ({ code, ...choice }) => {
  expect(() => chooseScram(choice)).toThrow(expect.objectContaining({ name: "ProtocolError", code }));
});

test("channel binding is preferred when nothing is said", () => {
  expect(chooseScram({ mechanisms: both, tls: true, endPoint: hash })).toEqual({
    type: "tlsServerEndPoint",
    data: hash,
  });
});
