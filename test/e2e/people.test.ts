import { expect, test } from "@jest/globals";
import { drawnPicture } from "../../src/sandbox/phone/drawn-pictures.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";

const here = anaOnSynapse({
  secrets: ["Pia Prent", "Ida Invite", "Ron Rustig", "Al Alias"],
  puppets: true,
  networks: ["whatsapp"],
});

test("a contact's picture is the ghost's and the chat's, changes with it, and goes with it", async () => {
  const chat = await here.chat("whatsapp", "Pia Prent");
  const seen = new Set<unknown>();
  const avatar = async (): Promise<string> => {
    const { content } = await here.ana.client.shown(
      "another avatar",
      ({ roomId, type, content: { url } }) =>
        roomId === chat.room && type === "m.room.avatar" && !seen.has(url),
    );
    seen.add(content["url"]);
    return String(content["url"]);
  };
  const drawn = String((await here.ana.client.state(chat.room, "m.room.avatar"))["url"]);
  seen.add(drawn);
  for (const name of ["hills", "moon"] as const) {
    await chat.does("setsPicture", { drawn: name });
    const uri = await avatar();
    expect((await here.viewer.download(uri)).bytes).toEqual(Buffer.from(drawnPicture(name)));
    const profile = await here.ana.client.call("GET", `v3/profile/${encodeURIComponent(chat.ghost)}`);
    expect(profile["avatar_url"]).toBe(uri);
  }
  seen.delete(drawn);
  const gone = here.ana.client.next(
    "the drawn one",
    ({ roomId, type, content: { url } }) => roomId === chat.room && type === "m.room.avatar" && url === drawn,
  );
  await chat.does("setsPicture");
  await gone;
});

test("a contact's ghost that is invited declines with where the chat is", async () => {
  const chat = await here.chat("whatsapp", "Ida Invite");
  const { client } = here.ana;
  const room = await client.createRoom({ invite: [chat.ghost], is_direct: true });
  const { content } = await client.shown(
    "the ghost declining",
    ({ roomId, type, stateKey, content: { membership } }) =>
      roomId === room && type === "m.room.member" && stateKey === chat.ghost && membership === "leave",
  );
  expect(content["reason"]).toContain(encodeURIComponent(chat.room));
});

test("a chat is quiet in all of a person's clients until they end it, and who is ignored there is blocked", async () => {
  const chat = await here.chat("whatsapp", "Ron Rustig");
  const { client, userId } = here.ana;
  const rules = async (): Promise<string> => JSON.stringify(await client.call("GET", "v3/pushrules/"));
  await chat.asks("quiet whatsapp Ron Rustig 8h", /notifies you of nothing for 8 hours/);
  expect(await rules()).toContain(`thirdpartychats.quiet.${chat.room}`);
  await chat.asks("quiet whatsapp Ron Rustig off", /notifies you again/);
  expect(await rules()).not.toContain("thirdpartychats.quiet");

  const list = `v3/user/${encodeURIComponent(userId)}/account_data/m.ignored_user_list`;
  await client.call("PUT", list, { ignored_users: { [chat.ghost]: {} } });
  const blocked = ({ content: { body } }: { content: { body?: unknown } }) =>
    String(body).startsWith("You ignore Ron");
  await client.shown("the block", blocked, 60);
  await client.call("PUT", list, { ignored_users: {} });
});

test("an alias of a contact leads to their chat, once for each who opens it", async () => {
  const chat = await here.chat("whatsapp", "Al Alias");
  const { client, userId } = here.ana;
  const alias = encodeURIComponent(`#_tpc_whatsapp_Al=20Alias:${userId.slice(userId.indexOf(":") + 1)}`);
  const rooms = new Set<string>();
  for (let time = 0; time < 2; time += 1) {
    const told = client.next("where the chat is", ({ content: { body } }) =>
      String(body).startsWith("The chat with Al Alias"),
    );
    const { room_id: room } = await client.call("POST", `v3/join/${alias}`, {});
    expect((await told).content["body"]).toContain(encodeURIComponent(chat.room));
    rooms.add(String(room));
  }
  expect(rooms.size).toBe(2);
  const other = encodeURIComponent(`#_tpc_nowhere_1:${userId.slice(userId.indexOf(":") + 1)}`);
  await expect(client.call("POST", `v3/join/${other}`, {})).rejects.toThrow("M_NOT_FOUND");
});
