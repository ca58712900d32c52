import { type Script, scriptedServer } from "@trunkline/testing";
import { expect, test } from "vitest";
import { at } from "../../test/connect-failure.ts";
import { connect } from "./connect.ts";

test.each([
  ["primary", "off"],
  ["secondary", "on"],
] as const)(
  "R28: in physical replication, which takes no SQL, a %s reports in_hot_standby = %s",
  async (type, value) => {
    const script: Script = async (peer) => {
      await peer.login({ parameters: { in_hot_standby: value } });
      await peer.expectTerminate(); // and no query before
    };
    await using server = await scriptedServer([script, script]);
    const parameters = { replication: true };
    const session = await connect(at(server, { parameters, targetServerType: type }));
    await session.close();
    const other = type === "primary" ? "secondary" : "primary";
    const wrong = connect(at(server, { parameters, targetServerType: other }));
    await expect(wrong).rejects.toMatchObject({ kind: "wrong_server_type" });
    await server.close();
  },
);

test("a server that ends while it is asked for its type is the attempt's error; listeners hear nothing of it", async () => {
  const heard: Error[] = [];
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery(/transaction_read_only/i);
    peer.halfClose();
  });
  const listeners = { closed: (reason: Error) => void heard.push(reason) };
  const attempt = connect(at(server, { targetServerType: "primary" }), { listeners });
  await expect(attempt).rejects.toMatchObject({ kind: "closed" });
  expect(heard).toEqual([]);
});
