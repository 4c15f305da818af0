import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MessageId, RoomId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { encryptedFileIn } from "../../src/matrix/events/encrypted-file.ts";
import { ANA } from "../kit/flow-world.ts";
import type { MemoryHomeserver } from "../kit/memory-homeserver.ts";
import { fromBram, OpenFlow, said } from "../kit/open-flow.ts";
import { FlowWithPhone } from "../kit/second-device.ts";
import { settle } from "../kit/virtual-clock.ts";

const image = (ref: string) =>
  ({ kind: "image", mimetype: "image/png", name: "a.png", source: { at: "network", ref } }) as const;

/** What an encrypted file says, by the key in its event. */
async function opened({ world }: OpenFlow, content: unknown): Promise<string> {
  const file = encryptedFileIn(content);
  if (typeof file === "string") throw new Error(file);
  await using got = await world.homeserver.openMedia(file, 1_000_000);
  const chunks: Uint8Array[] = [];
  for await (const chunk of got.read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const pictures = ({ events }: OpenFlow) =>
  events.map(({ send }) => send.content).filter(({ msgtype }) => msgtype === "m.image");

function encrypt({ secrecy }: MemoryHomeserver, room: RoomId): void {
  secrecy.isOn = true;
  secrecy.rooms.add(room);
}

const lost = () => new BridgeError("homeserver-fault", { words: "no answer", certain: false, retryAfter: 0 });

describe("a file in an encrypted room", () => {
  test("that was uploaded in the clear before the room was encrypted, and not sent, is uploaded anew", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    const { homeserver } = world;
    world.network.files.set("f", Buffer.from("png"));
    const send = homeserver.send.bind(homeserver);
    homeserver.send = async () => {
      homeserver.send = send;
      encrypt(homeserver, room);
      throw lost();
    };
    await client.brings({
      ...fromBram("2"),
      kind: "message",
      message: { parts: [{ kind: "media", media: image("f") }] },
    });
    await settle();
    const clear = Array.from(homeserver.files.keys());
    await world.clock.advance(60_000);
    const [content, ...more] = pictures(flow);
    expect(more).toEqual([]);
    expect(clear.some((uri) => JSON.stringify(content).includes(uri))).toBe(false);
    expect(content).not.toHaveProperty("url");
    expect(await opened(flow, content?.["file"])).toBe("png");
    const stored = Array.from(homeserver.files).filter(([uri]) => !clear.includes(uri));
    expect(stored.map(([, file]) => [file?.mimetype, file?.name])).toEqual([
      ["application/octet-stream", undefined],
    ]);
    expect(flow.notices).toEqual([]);
  });

  test.each([
    ["the same bytes go to the same place under the same key", "png", 1],
    ["other bytes go elsewhere, under another key", "other", 2],
  ])("at a repeat of its upload %s", async (_, again, places) => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    const { homeserver } = world;
    encrypt(homeserver, room);
    world.network.files.set("f", Buffer.from("png"));
    const put = homeserver.putMedia.bind(homeserver);
    const brought: (readonly [string, string])[] = [];
    homeserver.putMedia = async (as, uri, file, ...rest) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.read()) chunks.push(chunk);
      brought.push([uri, Buffer.concat(chunks).toString("hex")]);
      if (brought.length > 1) return put(as, uri, file, ...rest);
      world.network.files.set("f", Buffer.from(again));
      throw lost();
    };
    await client.brings({
      ...fromBram("2"),
      kind: "message",
      message: { parts: [{ kind: "media", media: image("f") }] },
    });
    await settle();
    await world.clock.advance(60_000);
    expect(brought).toHaveLength(2);
    expect(new Set(brought.map(String)).size).toBe(places);
    expect(await opened(flow, pictures(flow)[0]?.["file"])).toBe(again);
  });

  test("is what a link leads to, as well", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    encrypt(world.homeserver, room);
    world.network.files.set("f", Buffer.from("png"));
    const url = "https://example.org/";
    const part = {
      kind: "text",
      style: "text",
      body: plainText(url),
      previews: [{ url, image: image("f") }],
    } as const;
    await client.brings({ ...fromBram("2"), kind: "message", message: { parts: [part] } });
    await settle();
    const previews = flow.events.at(-1)?.send.content["com.beeper.linkpreviews"];
    const [preview] = previews as readonly Record<string, unknown>[];
    expect(preview).not.toHaveProperty("og:image");
    expect(await opened(flow, preview?.["beeper:image:encryption"])).toBe("png");
  });

  test("is one that the bot answers with", async () => {
    await using flow = await OpenFlow.begin();
    const { homeserver } = flow.world;
    encrypt(homeserver, flow.management);
    await flow.asks("export-my-data");
    await settle();
    const shown = homeserver.room(flow.management).events.map(({ send }) => send.content);
    const content = shown.find(({ msgtype }) => msgtype === "m.file");
    expect(content).not.toHaveProperty("url");
    expect(await opened(flow, content?.["file"])).toContain(ANA);
  });
});

describe("what a person did on another device, in an encrypted room,", () => {
  test("is shown by a ghost of theirs, also its edit and what refers to it, though the bridge can act as them", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    encrypt(flow.world.homeserver, flow.room);
    await phone.says("mine", "o1");
    await phone.does({ kind: "edit", target: "o1" as MessageId, message: said("mended") }, "o2");
    const ghost = it.senderOf("mine");
    expect(flow.world.homeserver.names.get(ghost)).toBe("Ana (WhatsApp)");
    expect(it.senderOf("* mended")).toBe(ghost);
    expect(it.relation(it.event("* mended"))).toMatchObject({
      rel_type: "m.replace",
      event_id: it.event("mine"),
    });
    // Reactions are never encrypted, so nothing is wrong with one of theirs.
    await phone.does({ kind: "reaction", target: "1" as MessageId, own: false, emoji: "👍" }, "o3");
    expect(it.reactions.map(({ send }) => send.sender)).toEqual([ANA]);
    await phone.does({ kind: "delete", target: "o1" as MessageId }, "o4");
    expect(it.redacted).toEqual(expect.arrayContaining([it.event("mine"), it.event("* mended")]));
    await it.passes();
    expect(flow.client.taken).toEqual([]);
    expect(flow.notices).toEqual([]);
  });

  test("goes by the ghost where it waited to go as them when the room was encrypted", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    const { homeserver, puppets } = flow.world;
    await phone.says("before", "o1");
    puppets.faults.push({ when: "before", error: lost() });
    await phone.says("waits", "o2");
    await phone.does({ kind: "edit", target: "o1" as MessageId, message: said("mended") }, "o3");
    expect(it.bodies).not.toContain("waits");
    encrypt(homeserver, flow.room);
    await it.passes();
    expect(it.senderOf("before")).toBe(ANA);
    expect(it.senderOf("waits")).not.toBe(ANA);
    // Nobody can edit what another sent, so the new words stand alone.
    expect(it.senderOf("mended")).toBe(it.senderOf("waits"));
    expect(flow.client.taken).toEqual([]);
  });

  test("may be a picture, which the ghost shows encrypted", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    encrypt(flow.world.homeserver, flow.room);
    flow.world.network.files.set("f", Buffer.from("png"));
    const parts = [{ kind: "media", media: image("f") }] as const;
    await phone.does({ kind: "message", message: { parts } }, "o1");
    const shown = flow.events.find(({ send }) => send.content["msgtype"] === "m.image")?.send;
    expect(flow.world.homeserver.isOurs(shown?.sender ?? ANA)).toBe(true);
    expect(await opened(flow, shown?.content["file"])).toBe("png");
  });

  test("is an edit of what they wrote themselves, which the bot tells", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    await phone.says("mine", "o1");
    encrypt(flow.world.homeserver, flow.room);
    await phone.does({ kind: "edit", target: "o1" as MessageId, message: said("mended") }, "o2");
    expect(flow.notices).toEqual([expect.stringContaining("mended")]);
  });
});
