import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { EventId, OutboxId, RoomId, UserId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { CONTENT_KEY, type EncodedEvent } from "../../../src/core/ports/homeserver.ts";
import { matrixEncoder } from "../../../src/matrix/events/encode.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";

let world: FakeHomeserverWorld;
let ghost: UserId;
let room: RoomId;
let rows = 0;

beforeEach(async () => {
  world = await FakeHomeserverWorld.start();
  const { homeserver } = world;
  ghost = homeserver.ghostId("a");
  await homeserver.register(homeserver.bot);
  await homeserver.register(ghost);
  room = await homeserver.createRoom({ key: "k", direct: true, kind: "portal", state: [] });
  await homeserver.invite(homeserver.bot, ghost, room, { direct: false });
  await homeserver.join(ghost, room);
});
afterEach(async () => world[Symbol.asyncDispose]());

function put({ type, content }: EncodedEvent): Promise<EventId> {
  rows += 1;
  const id = `row-${rows}` as OutboxId;
  const whole = { ...content, [CONTENT_KEY]: id };
  const row = { id, room, sender: ghost, type, stateKey: undefined, content: whole, createdAt: Date.now() };
  return world.homeserver.send(row);
}

const shown = (event: EventId) => world.fake.state.byId.get(event)?.content ?? {};
const text = (words: string) =>
  ({ parts: [{ kind: "text", style: "text", body: plainText(words) }] }) as const;

async function image(): Promise<EventId> {
  const media = {
    kind: "image",
    source: { at: "network", ref: "r" },
    mimetype: "image/png",
    name: "a.png",
  } as const;
  const message = { parts: [{ kind: "media", media, caption: plainText("old") }] } as const;
  const [event] = matrixEncoder.message(message, undefined);
  if (!event) throw new Error("nothing to send");
  const content = matrixEncoder.attach(
    event.content,
    media,
    { uri: "mxc://a.org/b", size: 5 },
    { mimetype: "image/png" },
  );
  return put({ type: event.type, content });
}

function editOf(words: string, target: EventId): EncodedEvent {
  const [fresh] = matrixEncoder.revised(text(words));
  if (!fresh) throw new Error("nothing to send");
  return matrixEncoder.replacement(fresh, target);
}

test("a text that edits a file is its new caption, and the file stays", async () => {
  const target = await image();
  const edit = shown(await put(editOf("new", target)));
  const file = {
    msgtype: "m.image",
    url: "mxc://a.org/b",
    filename: "a.png",
    info: { mimetype: "image/png", size: 5 },
  };
  expect(edit).toMatchObject({
    ...file,
    body: "* new",
    "m.new_content": { ...file, body: "new", "m.mentions": {} },
    "m.relates_to": { rel_type: "m.replace", event_id: target },
  });
  expect(edit["m.new_content"]).not.toHaveProperty([CONTENT_KEY]);
  expect(edit["m.new_content"]).not.toHaveProperty(["m.relates_to"]);
});

test("a caption taken away leaves the file's name", async () => {
  const edit = shown(await put(editOf("", await image())));
  expect(edit["m.new_content"]).toMatchObject({ filename: "a.png", body: "a.png", url: "mxc://a.org/b" });
});

test("an edit of a text is as it was made, though its ghost lost its place in the room", async () => {
  const [said] = matrixEncoder.message(text("old"), undefined);
  if (!said) throw new Error("nothing to send");
  const target = await put(said);
  await world.homeserver.leave(ghost, room);
  const edit = shown(await put(editOf("new", target)));
  expect(edit).toMatchObject({
    msgtype: "m.text",
    body: "* new",
    "m.new_content": { msgtype: "m.text", body: "new" },
  });
});
