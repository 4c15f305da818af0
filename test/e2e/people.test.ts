import { expect, test } from "@jest/globals";
import { drawnPicture } from "../../src/sandbox/phone/drawn-pictures.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";

const here = anaOnSynapse({ secrets: ["Pia Prent"], puppets: true, networks: ["whatsapp"] });

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
