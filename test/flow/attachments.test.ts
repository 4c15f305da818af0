import { expect, test } from "@jest/globals";
import type { MessageId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { fromBram, OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

test("a text that is a file is uploaded as it is, named and of its type, behind what is shown of it or its edit", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  const text = "漢".repeat(300_000);
  const media = { kind: "file", mimetype: "text/plain", name: "Message.txt" } as const;
  const parts = [
    { kind: "text", style: "text", body: plainText("漢…") },
    {
      kind: "media",
      media: { ...media, source: { at: "inline", base64: Buffer.from(text).toString("base64") } },
    },
  ] as const;
  await client.brings({ ...fromBram("1"), kind: "message", message: { parts } });
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  const { homeserver } = world;
  const [, shown] = homeserver.room(room).events.map(({ send }) => send.content);
  expect(shown).toMatchObject({
    msgtype: "m.file",
    filename: "Message.txt",
    info: { mimetype: "text/plain", size: 900_000 },
  });
  const stored = homeserver.files.get(String(shown?.["url"]))?.bytes;
  expect(stored?.equals(Buffer.from(text))).toBe(true);
  const edit = { ...fromBram("2"), kind: "edit", message: { parts } } as const;
  await client.brings({ ...edit, target: "1" as MessageId });
  await settle();
  const [edited, old, again] = homeserver.room(room).events.slice(-3);
  expect(edited?.send.content).toMatchObject({ "m.relates_to": { rel_type: "m.replace" } });
  expect(old?.send.type).toBe("m.room.redaction");
  expect(again?.send.content).toMatchObject({ msgtype: "m.file", filename: "Message.txt" });
});

test("a place at the homeserver that expired before the file came is reserved anew", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client, room } = flow;
  world.network.files.set("f", Buffer.from("png"));
  const { homeserver } = world;
  const put = homeserver.putMedia.bind(homeserver);
  const tried: string[] = [];
  homeserver.putMedia = async (as, uri, ...rest) => {
    tried.push(uri);
    // As after a day without the homeserver: it no longer knows the first place.
    if (tried.length === 1) homeserver.files.delete(uri);
    await put(as, uri, ...rest);
  };
  const source = { at: "network", ref: "f" } as const;
  const media = { kind: "image", mimetype: "image/png", name: "a.png", source } as const;
  await client.brings({ ...fromBram("2"), kind: "message", message: { parts: [{ kind: "media", media }] } });
  await settle();
  await world.clock.advance(60_000);
  await settle();
  const shown = homeserver.room(room).events.filter(({ send }) => send.content["msgtype"] === "m.image");
  expect(new Set(tried).size).toBe(2);
  expect(shown.map(({ send }) => send.content["url"])).toEqual([tried[1]]);
});

test("a text with a link shows the link's picture, and waits neither for one that is lost nor for one that is slow", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client, room } = flow;
  world.network.files.set("f", Buffer.from("png"));
  const { homeserver } = world;
  const url = "https://example.org/";
  const says = async (id: string, ref: string) => {
    const image = { kind: "image", mimetype: "image/png", source: { at: "network", ref } } as const;
    const part = { kind: "text", style: "text", body: plainText(url), previews: [{ url, image }] } as const;
    await client.brings({ ...fromBram(id), kind: "message", message: { parts: [part] } });
    await settle();
  };
  const shown = () =>
    homeserver
      .room(room)
      .events.slice(-1)
      .map(({ send }) => send.content);
  const pictureOf = (content: object | undefined) =>
    (content as Record<string, Record<string, unknown>[]> | undefined)?.["com.beeper.linkpreviews"]?.[0]?.[
      "og:image"
    ];
  await says("p1", "f");
  const [first] = shown();
  expect(first).toMatchObject({ msgtype: "m.text", body: url });
  expect(homeserver.files.get(String(pictureOf(first)))?.bytes.toString()).toBe("png");
  await says("p2", "lost");
  expect(shown()).toMatchObject([{ body: url, "com.beeper.linkpreviews": [{ matched_url: url }] }]);
  expect(pictureOf(shown()[0])).toBeUndefined();
  const before = homeserver.room(room).events.length;
  client.openMedia = () => new Promise(() => undefined);
  await says("p3", "f");
  expect(homeserver.room(room).events).toHaveLength(before);
  await world.clock.advance(6_000);
  expect(homeserver.room(room).events).toHaveLength(before + 1);
});
