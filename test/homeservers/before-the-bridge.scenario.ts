import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import Database from "better-sqlite3";
import { askBot, openManagementRoom } from "../../tools/demo/opt-in.ts";
import { HomeserverCopy } from "../kit/homeserver-copy.ts";
import { homeserverUnderTest } from "../kit/homeserver-under-test.ts";
import { OpenChat } from "../kit/open-chat.ts";
import type { ShownAccount, ShownRoom } from "../kit/other-client.ts";
import { e2eTimeout, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start(homeserverUnderTest());
});
afterAll(async () => world[Symbol.asyncDispose]());

const roomWith =
  (text: string) =>
  ({ rooms }: ShownAccount): ShownRoom | undefined =>
    rooms.find(({ events }) => events.some(({ content }) => JSON.stringify(content).includes(text)));

test("copy of before the bridge", async () => {
  await world.world.register("ana", "ana-password", "Ana");
  const copy = await HomeserverCopy.take(world);
  copy.edit("homeserver.db", (path) => {
    using stack = new DisposableStack();
    const db = stack.adopt(new Database(path), (open) => void open.close());
    for (const [table, column] of [
      ["users", "name"],
      ["devices", "user_id"],
      ["profiles", "full_user_id"],
    ]) {
      expect(db.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run(world.botId).changes).toBe(1);
    }
  });
  const ana = await world.person("Ana", ["whatsapp"]);
  const viewer = await world.otherClient("ana");
  const chat = await OpenChat.begin({ world, person: ana, viewer, network: "whatsapp", name: "Wim" });
  await chat.stillWorks();
  await copy.putBack(async () => {});

  const client = await world.login("ana");
  client.acceptsInvites = true;
  const later = await world.otherClient("ana");
  const bo = await world.contact("whatsapp", "Bo");
  await bo.says(ana.userId, "Bo says hello");
  const room = await later.until("Bo's room", roomWith("Bo says hello"));
  expect(room.name).toContain("Bo");
  await client.say(room.id, "Hello, Bo");
  await bo.hears("Hello, Bo");
  await chat.does("says", { text: "Wim once more" });
  await later.until("Wim's words", roomWith("Wim once more"));
  const management = await openManagementRoom(client, world.botId);
  await askBot(client, world.botId, management, "status", /WhatsApp/);
});
