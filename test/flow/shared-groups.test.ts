import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MatrixEvent, RemoteEvent } from "../../src/core/model/events.ts";
import type { ChatId, EventId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { type MentionStyle, plainText } from "../../src/core/model/rich-text.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const said = (text: string) => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] }) as const;

/** A group of Ana's and Ben's, both of whom are in its room. */
async function shared(): Promise<GroupFlow> {
  const flow = await GroupFlow.begin();
  await flow.world.optsIn(BEN);
  flow.group.ours.add(BEN);
  await flow.group.says("Bram", "1", "hello");
  await settle();
  for (const user of [ANA, BEN]) {
    flow.homeserver.lets(user, flow.id);
    await flow.world.push(flow.membership(user, "join"));
  }
  return flow;
}

const eventOf = (flow: GroupFlow, body: string): EventId => {
  const found = flow.room.timeline.find(({ content }) => content["body"] === body);
  if (!found) throw new Error(`nobody said ${body}`);
  return found.event_id;
};
const clientOf = (flow: GroupFlow, user: typeof ANA) => flow.world.network.clientOf(user);
const does = (flow: GroupFlow, what: object) =>
  flow.world.push({ room: flow.id, at: 0, id: flow.world.newEventId(), ...what } as MatrixEvent);

describe("a group of two people of ours", () => {
  test("is one room for both, with each message of the network once", async () => {
    await using flow = await shared();
    await flow.group.says("Carla", "2", "hi", "1");
    await flow.group.does("Carla", "e", { kind: "edit", target: "2" as MessageId, message: said("hi all") });
    await flow.group.does("Dirk", "r", {
      kind: "reaction",
      target: "1" as MessageId,
      own: false,
      emoji: "👍",
    });
    await flow.group.does("Bram", "n", { kind: "group-name", name: "Dinner" });
    await settle();
    expect(flow.shown).toEqual([
      "Bram: hello",
      "Carla: hi",
      "Carla: * hi all",
      "bot: Bram named the group “Dinner”.",
    ]);
    expect(flow.room.events.filter(({ send }) => send.type === "m.reaction")).toHaveLength(1);
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
    for (const user of [ANA, BEN]) expect(flow.room.members.get(user)).toBe("join");
  });

  test("both can answer and react to it, each from their own account", async () => {
    await using flow = await shared();
    await does(flow, { sender: BEN, kind: "message", message: said("yes"), replyTo: eventOf(flow, "hello") });
    await does(flow, { sender: ANA, kind: "reaction", target: eventOf(flow, "hello"), emoji: "👍" });
    expect(clientOf(flow, BEN).taken).toMatchObject([{ message: { replyTo: { id: "1", own: false } } }]);
    expect(clientOf(flow, ANA).taken).toMatchObject([{ kind: "reaction", target: "1", own: false }]);
  });

  test("who is named is called, whoever's copy comes first: each of ours as themselves, others by their ghosts", async () => {
    await using flow = await shared();
    const named = (text: string, ...styles: MentionStyle[]) =>
      ({
        parts: [
          {
            kind: "text",
            style: "text",
            body: { text, spans: styles.map((style, at) => ({ start: at * 2, end: at * 2 + 2, style })) },
          },
        ],
      }) as const;
    const person = (who: string) => ({ kind: "mentionPerson", person: who as PersonId }) as const;
    const [carla, ben] = [person("Carla"), person("self @ben:test")] as const;
    const called = { user_ids: [flow.ghostOf("Carla"), BEN, ANA] };
    const ana = { kind: "mentionUser", user: ANA } as const;
    await flow.group.does("Bram", "2", { kind: "message", message: named("@C@B@A", carla, ben, ana) });
    await flow.group.does("Bram", "e", {
      kind: "edit",
      target: "2" as MessageId,
      message: named("@C@B", carla, ben),
    });
    await settle();
    const [said, changed] = flow.room.timeline.slice(-2);
    expect(said?.content["m.mentions"]).toEqual(called);
    expect(changed?.content["m.new_content"]).toMatchObject({
      "m.mentions": { user_ids: called.user_ids.slice(0, 2) },
    });
    expect(said?.content["formatted_body"]).toContain(`<a href="https://matrix.to/#/${BEN}">@B</a>`);
    const asBen = { kind: "mentionUser", user: BEN } as const;
    await does(flow, { sender: BEN, kind: "message", message: named("@A@B", ana, asBen) });
    const [{ message } = { message: undefined }] = clientOf(flow, BEN).taken as {
      message?: ReturnType<typeof named>;
    }[];
    expect(message?.parts[0].body.spans.map(({ style }) => style)).toEqual([
      { kind: "mentionPerson", person: "self @ana:test" },
      asBen,
    ]);
  });

  test("what one wrote here comes to the other from the network, and is not shown again", async () => {
    await using flow = await shared();
    const id = await flow.world.says(ANA, flow.id, "from Ana");
    await does(flow, { sender: ANA, kind: "edit", target: id, message: said("from Ana!") });
    await settle();
    expect(flow.shown).toEqual(["Bram: hello"]);
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
    await does(flow, { sender: BEN, kind: "message", message: said("an answer"), replyTo: id });
    const [remote] = clientOf(flow, ANA).received.keys();
    expect(clientOf(flow, BEN).taken).toMatchObject([{ message: { replyTo: { id: remote, own: false } } }]);
    await does(flow, { sender: ANA, kind: "redaction", target: id });
    await settle();
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("what one wrote on their phone is theirs to both, whoever's copy comes first", async () => {
    await using flow = await shared();
    const onPhone = flow.group.event("self @ana:test", "p1", {
      kind: "message",
      message: said("on my phone"),
    });
    await clientOf(flow, BEN).brings(onPhone);
    await settle();
    await clientOf(flow, ANA).brings({ ...onPhone, sender: undefined } as RemoteEvent);
    await settle();
    const own = flow.room.timeline.filter(({ content }) => content["body"] === "on my phone");
    expect(own).toHaveLength(1);
    await does(flow, { sender: BEN, kind: "reaction", target: own[0]?.event_id, emoji: "👍" });
    await does(flow, { sender: ANA, kind: "reaction", target: own[0]?.event_id, emoji: "🎉" });
    expect(clientOf(flow, BEN).taken).toMatchObject([{ target: "p1", own: false }]);
    expect(clientOf(flow, ANA).taken).toMatchObject([{ target: "p1", own: true }]);
  });

  test("each reads for themselves", async () => {
    await using flow = await shared();
    flow.world.bridge.signals.take([
      { kind: "receipt", room: flow.id, event: eventOf(flow, "hello"), user: BEN },
    ]);
    flow.world.bridge.signals.take([{ kind: "typing", room: flow.id, users: [ANA] }]);
    await settle();
    expect(clientOf(flow, BEN).signs).toEqual(["read 1"]);
    expect(clientOf(flow, ANA).signs).toEqual(["typing"]);
  });

  test("who leaves it is taken out of the room, and the other stays", async () => {
    await using flow = await shared();
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await settle();
    expect(flow.room.archived).toBe(false);
    expect(flow.room.members.get(ANA)).toBe("leave");
    await flow.world.push(flow.membership(ANA, "leave"));
    await flow.group.says("Carla", "2", "still here");
    await settle();
    await flow.world.says(BEN, flow.id, "me too");
    expect(flow.shown.at(-1)).toBe("Carla: still here");
    expect(flow.room.members.get(ANA)).toBe("leave");
    expect(clientOf(flow, BEN).taken).toHaveLength(1);
    await flow.group.movesOurs("Bram", "in", ANA, "joined");
    await flow.group.says("Carla", "3", "welcome back");
    await settle();
    expect(flow.room.members.get(ANA)).toBe("invite");
    await flow.group.movesOurs("Bram", "out2", ANA, "left");
    await flow.group.movesOurs("Bram", "out3", BEN, "left");
    await settle();
    expect(flow.room.archived).toBe(true);
  });

  test("what the last one wrote on their phone before they left is shown, while another is still to be taken out", async () => {
    await using flow = await shared();
    const { homeserver, group, world } = flow;
    const putOut = homeserver.putOut.bind(homeserver);
    const failing = Promise.withResolvers<void>();
    homeserver.putOut = async () => {
      homeserver.putOut = putOut;
      failing.resolve();
      const words = "no answer";
      throw new BridgeError("homeserver-unreachable", { words, certain: false, retryAfter: 5_000 });
    };
    await group.movesOurs("Bram", "out", BEN, "left");
    await failing.promise;
    const onPhone = group.event("self @ana:test", "p1", { kind: "message", message: said("bye all") });
    await clientOf(flow, ANA).brings({ ...onPhone, sender: undefined } as RemoteEvent);
    await group.movesOurs("Bram", "out2", ANA, "left");
    await settle();
    await world.clock.advance(600_000);
    expect(flow.room.timeline.filter(({ content }) => content["body"] === "bye all")).toHaveLength(1);
    expect(flow.shown.filter((line) => line.includes("could not be shown"))).toEqual([]);
    expect(flow.room.archived).toBe(true);
  });

  test("who turns the network off leaves it to the other, with what is on its way", async () => {
    await using flow = await shared();
    flow.homeserver.away = true;
    await flow.group.says("Carla", "2", "on its way");
    await flow.group.does("Dirk", "r", {
      kind: "reaction",
      target: "1" as MessageId,
      own: false,
      emoji: "👍",
    });
    await settle();
    const login = await flow.world.store.logins.get(flow.world.network.enlisted.get(ANA) as never);
    await flow.world.store.write((tx) => login && tx.logins.remove(login.id));
    flow.homeserver.away = false;
    await flow.world.clock.advance(120_000);
    expect(flow.shown).toEqual(["Bram: hello", "Carla: on its way"]);
    expect(flow.room.events.filter(({ send }) => send.type === "m.reaction")).toHaveLength(1);
    await does(flow, {
      sender: BEN,
      kind: "message",
      message: said("got it"),
      replyTo: eventOf(flow, "on its way"),
    });
    expect(clientOf(flow, BEN).taken).toMatchObject([{ message: { replyTo: { id: "2" } } }]);
  });

  test("who comes later has what was written before, and its copy is not shown again", async () => {
    await using flow = await GroupFlow.open();
    await flow.world.optsIn(BEN);
    flow.group.ours.add(BEN);
    await clientOf(flow, BEN).brings(
      flow.group.event("Bram", "1", { kind: "message", message: said("hello") }),
    );
    await settle();
    expect(flow.shown).toEqual(["Bram: hello"]);
    expect(flow.room.members.get(BEN)).toBe("invite");
    flow.homeserver.lets(BEN, flow.id);
    await flow.world.push(flow.membership(BEN, "join"));
    await does(flow, {
      sender: BEN,
      kind: "message",
      message: said("late"),
      replyTo: eventOf(flow, "hello"),
    });
    expect(clientOf(flow, BEN).taken).toMatchObject([{ message: { replyTo: { id: "1" } } }]);
  });

  test("what each verified is theirs alone, and so is what holds their messages back", async () => {
    await using flow = await shared();
    const [login] = await flow.world.store.logins.of(ANA, flow.world.network.id);
    const carla = "Carla" as PersonId;
    await flow.world.store.write(
      (tx) => login && tx.contacts.setTrust(login.id, carla, "Carla" as ChatId, "verified"),
    );
    await flow.group.does("Carla", "x", { kind: "identity-changed" });
    await settle();
    await flow.world.says(ANA, flow.id, "from Ana");
    await flow.world.says(BEN, flow.id, "from Ben");
    await settle();
    expect(clientOf(flow, ANA).taken).toEqual([]);
    expect(clientOf(flow, BEN).taken).toHaveLength(1);
    expect(flow.shown.filter((line) => line.includes("Not delivered"))).toEqual([
      expect.stringContaining("Carla, who is in this group, has another safety number than you verified."),
    ]);
  });

  test("who read what each wrote is shown at theirs, and consent is each one's own", async () => {
    await using flow = await shared();
    const wrote = new Map<typeof ANA, EventId>();
    for (const user of [ANA, BEN]) {
      wrote.set(user, await flow.world.says(user, flow.id, `from ${user}`));
      await settle();
      const [id] = clientOf(flow, user).received.keys();
      await clientOf(flow, user).sink.receipt({
        kind: "read",
        chat: flow.chat,
        person: (user === ANA ? "Carla" : "Dirk") as PersonId,
        ids: [id as MessageId],
      });
    }
    await settle();
    const reads = flow.homeserver.reads.filter(({ as }) => as !== flow.homeserver.bot);
    expect(reads).toMatchObject([
      { as: flow.ghostOf("Carla"), event: wrote.get(ANA) },
      { as: flow.ghostOf("Dirk"), event: wrote.get(BEN) },
    ]);
    flow.world.network.notice = { version: 2, paragraphs: ["More is told."] };
    await flow.world.restart();
    const [ben] = await flow.world.store.logins.of(BEN, flow.world.network.id);
    await flow.world.store.write((tx) => ben && tx.logins.setConsent(ben.id, 2, 0));
    await flow.world.says(ANA, flow.id, "again from Ana");
    await flow.world.says(BEN, flow.id, "again from Ben");
    expect([clientOf(flow, ANA).taken.length, clientOf(flow, BEN).taken.length]).toEqual([1, 2]);
    expect(flow.shown.at(-1)).toMatch(/What WhatsApp learns of you has changed/);
  });
});
