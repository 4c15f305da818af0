import { describe, expect, test } from "@jest/globals";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { PersonId, UserId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { selfOf } from "../kit/memory-group.ts";
import { settle } from "../kit/virtual-clock.ts";

const said = (text: string) => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] }) as const;
const written = (text: string) => ({ kind: "message", message: said(text) }) as const;

/** Ana's group, which Ben's account is in too; he has no room of it yet. */
async function anasAndBens(): Promise<GroupFlow> {
  const flow = await GroupFlow.open();
  await flow.world.optsIn(BEN);
  flow.group.ours.add(BEN);
  return flow;
}

/** As {@link anasAndBens}, and Ben is in the room. */
async function shared(): Promise<GroupFlow> {
  const flow = await anasAndBens();
  await bring(flow, BEN, flow.group.event("Bram", "1", written("hello")));
  flow.homeserver.lets(BEN, flow.id);
  await flow.world.push(flow.membership(BEN, "join"));
  return flow;
}

async function bring(flow: GroupFlow, user: UserId, event: RemoteEvent): Promise<void> {
  await flow.world.network.clientOf(user).brings(event);
  await settle();
}

describe("a copy of what is in a shared room", () => {
  test("brings nobody's ghost there who is one of ours, be it the first that a login hears of the group", async () => {
    await using flow = await anasAndBens();
    const onPhone = flow.group.event(selfOf(ANA), "p1", written("on my phone"));
    await bring(flow, BEN, onPhone);
    expect(flow.present).toEqual(["ana", "Bram", "Carla", "Dirk"].sort());
    expect(flow.room.members.has(flow.ghostOf(selfOf(ANA)))).toBe(false);
    expect(flow.room.members.get(BEN)).toBe("invite");
    await bring(flow, ANA, { ...onPhone, sender: undefined } as RemoteEvent);
    expect(flow.room.timeline.filter(({ content }) => content["body"] === "on my phone")).toHaveLength(1);
  });

  test("asks a person in who had left the room, though another's copy is shown", async () => {
    await using flow = await shared();
    flow.room.member(ANA, "leave", ANA);
    await flow.world.push(flow.membership(ANA, "leave"));
    const message = flow.group.event("Carla", "2", written("come back"));
    await bring(flow, BEN, message);
    expect(flow.room.members.get(ANA)).toBe("leave");
    await bring(flow, ANA, message);
    expect(flow.room.members.get(ANA)).toBe("invite");
    expect(flow.shown).toEqual(["Bram: hello", "Carla: come back"]);
  });

  test("is told of to the network as delivered to each, once it is there", async () => {
    await using flow = await shared();
    const message = flow.group.event("Carla", "2", written("for both"));
    flow.homeserver.away = true;
    await bring(flow, BEN, message);
    await bring(flow, ANA, message);
    for (const user of [ANA, BEN]) expect(flow.world.network.clientOf(user).delivered).not.toContain("2");
    flow.homeserver.away = false;
    await flow.world.clock.advance(120_000);
    for (const user of [ANA, BEN]) {
      expect(flow.world.network.clientOf(user).delivered.filter((id) => id === "2")).toHaveLength(1);
    }
    const later = flow.group.event("Carla", "3", written("and again"));
    for (const user of [ANA, BEN]) await bring(flow, user, later);
    for (const user of [ANA, BEN]) {
      expect(flow.world.network.clientOf(user).delivered.filter((id) => id === "3")).toHaveLength(1);
    }
  });

  test("that comes late to who is out of the group does not ask them in again", async () => {
    await using flow = await shared();
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await settle();
    await flow.world.push(flow.membership(ANA, "leave"));
    await bring(flow, ANA, flow.group.event("Carla", "2", written("from before")));
    expect(flow.shown.at(-1)).toBe("Carla: from before");
    expect(flow.room.members.get(ANA)).toBe("leave");
    expect(flow.room.archived).toBe(false);
  });

  test("that says again who is there leaves what they may do to each login as it is", async () => {
    await using flow = await shared();
    const carla = "Carla" as PersonId;
    const event = flow.group.event("Bram", "m", {
      kind: "group-members",
      changes: [{ person: carla, membership: "joined" }],
    });
    for (const user of [ANA, BEN]) await bring(flow, user, event);
    for (const user of [ANA, BEN]) {
      const [login] = await flow.world.store.logins.of(user, flow.world.network.id);
      const members =
        login && (await flow.world.store.portalMembers.of({ login: login.id, chat: flow.chat }));
      expect(members?.find(({ person }) => person === carla)).toMatchObject({ role: "admin" });
    }
  });

  test("that one login cannot read is not said where another's is shown", async () => {
    await using flow = await shared();
    await bring(flow, BEN, flow.group.event("Carla", "2", written("readable")));
    await bring(flow, ANA, flow.group.event("Carla", "2", { kind: "undecryptable" }));
    expect(flow.shown).toEqual(["Bram: hello", "Carla: readable"]);
  });

  test("has its file fetched by the login it came to, whosever message it is", async () => {
    await using flow = await shared();
    const source = { at: "network", ref: "plan" } as const;
    const media = { kind: "file", source, mimetype: "text/plain", name: "plan.txt" } as const;
    const message = { parts: [{ kind: "media", media }] } as const;
    flow.world.network.files.set("plan", Buffer.from("plan"));
    const asked: string[] = [];
    for (const user of [ANA, BEN]) {
      const client = flow.world.network.clientOf(user);
      const openMedia = client.openMedia.bind(client);
      client.openMedia = async (ref) => {
        asked.push(user);
        return openMedia(ref);
      };
    }
    await bring(flow, BEN, flow.group.event(selfOf(ANA), "p1", { kind: "message", message }));
    expect(asked).toEqual([BEN]);
  });
});

describe("a person who puts another of ours out of the room", () => {
  const puts = async (flow: GroupFlow, role: "admin" | "member") => {
    flow.group.ourRoles.set(ANA, role);
    await flow.moves(ANA, BEN, "leave");
    await settle();
  };

  test("puts them out of the group, where they are its admin", async () => {
    await using flow = await shared();
    await puts(flow, "admin");
    expect(Array.from(flow.group.ours)).toEqual([ANA]);
    expect(flow.room.members.get(BEN)).toBe("leave");
    await flow.group.says("Carla", "2", "only Ana");
    await settle();
    expect(flow.room.members.get(BEN)).toBe("leave");
    expect(flow.shown).toEqual(["Bram: hello", "Carla: only Ana"]);
  });

  test("hears that the network does not, and they are asked in with the next message", async () => {
    await using flow = await shared();
    await puts(flow, "member");
    expect(flow.shown.at(-1)).toMatch("bot: ⚠️ @ben:test stays in the group. Only admins may do that.");
    await flow.group.says("Carla", "2", "both");
    await settle();
    expect(flow.room.members.get(BEN)).toBe("invite");
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
  });
});
