import { expect, test } from "@jest/globals";
import type { MessageId } from "../../src/core/model/ids.ts";
import type { Media } from "../../src/core/model/media.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";

const source = { at: "network", ref: "picture" } as const;
const media: Media = { kind: "image", mimetype: "image/png", name: "a.png", source };

/** A chat in which Bram sent a picture, with these words under it. */
async function withPicture(words: string | undefined): Promise<OpenFlow> {
  const flow = await OpenFlow.begin({ media: { captions: "separate" } });
  flow.world.network.files.set("picture", new Uint8Array([1, 2, 3]));
  const caption = words === undefined ? {} : { caption: plainText(words) };
  const message = { parts: [{ kind: "media", media, ...caption }] } as const;
  await flow.bram("picture", { kind: "message", message });
  return flow;
}

/** What Bram sent in this chat, by type, body and what it stands in the place of. */
const sent = ({ events, world }: OpenFlow) =>
  events
    .filter(({ send }) => send.sender !== world.homeserver.bot && send.type !== "m.room.member")
    .slice(1)
    .map(({ send: { type, content } }) => {
      const fresh = content["m.new_content"] as { body: string } | undefined;
      return type === "m.room.redaction"
        ? "redaction"
        : `${fresh ? "edit " : ""}${String(fresh?.body ?? content["body"])}`;
    });
const edits = (flow: OpenFlow, text: string) =>
  flow.bram(`edit ${text}`, { kind: "edit", target: "picture" as MessageId, message: said(text) });

test("the words of a picture follow it, and an edit replaces the words, not the picture", async () => {
  await using flow = await withPicture("old words");
  expect(sent(flow)).toEqual(["a.png", "old words"]);
  await edits(flow, "new words");
  expect(sent(flow)).toEqual(["a.png", "old words", "edit new words"]);
  const words = flow.events.find(({ send }) => send.content["body"] === "old words");
  expect(flow.events.at(-1)?.send.content["m.relates_to"]).toMatchObject({ event_id: words?.event });
});

test("words that are taken away go, and the picture stays; words that are added follow it", async () => {
  await using flow = await withPicture("old words");
  await edits(flow, "");
  expect(sent(flow)).toEqual(["a.png", "old words", "redaction"]);
  await edits(flow, "back again");
  expect(sent(flow).slice(3)).toEqual(["back again"]);

  await using bare = await withPicture(undefined);
  await edits(bare, "words");
  expect(sent(bare)).toEqual(["a.png", "words"]);
});

test("the words of several pictures follow the first, and an edit replaces the words, no picture", async () => {
  await using flow = await OpenFlow.begin({ media: { captions: "separate" } });
  flow.world.network.files.set("picture", new Uint8Array([1, 2, 3]));
  const second: Media = { ...media, name: "b.png" };
  const parts = [
    { kind: "media", media, caption: plainText("old words") } as const,
    { kind: "media", media: second } as const,
  ];
  await flow.bram("picture", { kind: "message", message: { parts } });
  expect(sent(flow)).toEqual(["a.png", "old words", "b.png"]);
  await edits(flow, "new words");
  expect(sent(flow).slice(3)).toEqual(["edit new words"]);
  await edits(flow, "");
  expect(sent(flow).slice(4)).toEqual(["redaction", "redaction"]);
});
