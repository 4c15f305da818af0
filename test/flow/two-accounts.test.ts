import { describe, expect, test } from "@jest/globals";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { EventId, MessageId, UserId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { LinkedWorld, QUILL } from "../kit/linked-world.ts";
import { type MemoryGroup, selfOf } from "../kit/memory-group.ts";
import { settle } from "../kit/virtual-clock.ts";

const [WORK, HOME, BENS] = ["+31611", "+31622", "+31633"] as const;

const said = (text: string) => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] }) as const;

/** A group that two accounts of Ana's are in, and one of Ben's. */
class TwoAccounts implements AsyncDisposable {
  readonly it: LinkedWorld;
  readonly group: MemoryGroup;

  constructor(it: LinkedWorld) {
    this.it = it;
    this.group = it.quill.group("Family", { Bram: "owner" }, [WORK, HOME, BENS]);
  }
  static async begin(): Promise<TwoAccounts> {
    const it = await LinkedWorld.start();
    await it.links(ANA, WORK);
    await it.links(ANA, HOME);
    await it.links(BEN, BENS);
    return new TwoAccounts(it);
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.it[Symbol.asyncDispose]();
  }
  /** A first message, in each account's room; Ben shares that of Ana's work. */
  async hello(): Promise<void> {
    const hello = this.group.event("Bram", "1", { kind: "message", message: said("hello") });
    for (const account of [WORK, BENS, HOME]) {
      await this.client(account).brings(hello);
      await settle();
    }
  }
  client(account: string) {
    return this.it.quill.clientOfAccount(account);
  }
  /** The room in which an account has the group; its people are in it. */
  async room(user: UserId, account: string) {
    const { world } = this.it;
    const login = (await world.store.logins.of(user, QUILL)).find(({ visibleId }) => visibleId === account);
    const portal = login && (await world.store.portals.byChat({ login: login.id, chat: this.group.chat }));
    if (!portal?.room) throw new Error(`${account} has no room`);
    const room = world.homeserver.room(portal.room);
    if (room.members.get(user) !== "join" && portal.state !== "archived") {
      world.homeserver.lets(user, room.id);
      await world.moves(user, room.id, "join");
    }
    return room;
  }
  shown(room: { readonly id: Parameters<LinkedWorld["world"]["homeserver"]["shown"]>[0] }) {
    return this.it.world.homeserver.shown(room.id);
  }
}

describe("a group in which a person has two accounts", () => {
  test("is a room for each, one of which others share, with each message once", async () => {
    await using two = await TwoAccounts.begin();
    await two.group.says("Bram", "1", "hello");
    await settle();
    await two.group.says("Bram", "2", "again");
    await settle();
    const [work, home, bens] = [
      await two.room(ANA, WORK),
      await two.room(ANA, HOME),
      await two.room(BEN, BENS),
    ];
    expect(work.id).not.toBe(home.id);
    expect([work.id, home.id]).toContain(bens.id);
    for (const room of [work, home]) {
      expect(two.shown(room)).toEqual(["Bram (Quill): hello", "Bram (Quill): again"]);
    }
  });

  test("carries what is written in each by the account whose room it is", async () => {
    await using two = await TwoAccounts.begin();
    await two.hello();
    const { world } = two.it;
    const [work, home] = [await two.room(ANA, WORK), await two.room(ANA, HOME)];
    await world.says(ANA, home.id, "from home");
    await world.says(ANA, work.id, "from work");
    await settle();
    expect(Array.from(two.client(WORK).received.values())).toEqual(["from work"]);
    expect(Array.from(two.client(HOME).received.values())).toEqual(["from home"]);
    expect(two.shown(work)).toEqual(["Bram (Quill): hello", expect.stringMatching(/: from home$/)]);
    expect(two.shown(home)).toEqual(["Bram (Quill): hello", expect.stringMatching(/: from work$/)]);
    const event = home.timeline.find(({ content }) => content["body"] === "hello")?.event_id as EventId;
    world.bridge.signals.take([{ kind: "receipt", room: home.id, event, user: ANA }]);
    world.bridge.signals.take([{ kind: "typing", room: work.id, users: [ANA] }]);
    await settle();
    expect(two.client(HOME).signs).toEqual(["read 1"]);
    expect(two.client(WORK).signs).toEqual(["typing"]);
  });

  test("has what either account wrote on its phone once in each room", async () => {
    await using two = await TwoAccounts.begin();
    await two.hello();
    const own = two.group.event(selfOf(HOME), "p", { kind: "message", message: said("on the phone") });
    for (const account of [BENS, WORK]) await two.client(account).brings(own);
    await two.client(HOME).brings({ ...own, sender: undefined } as RemoteEvent);
    await settle();
    for (const account of [WORK, HOME]) {
      const bodies = (await two.room(ANA, account)).timeline.map(({ content }) => content["body"]);
      expect(bodies.filter((body) => body === "on the phone")).toHaveLength(1);
    }
  });

  test("goes on in one room when the other account leaves the group, and comes back to its own", async () => {
    await using two = await TwoAccounts.begin();
    await two.hello();
    const [work, home] = [await two.room(ANA, WORK), await two.room(ANA, HOME)];
    await two.group.movesOurs("Bram", "out", WORK, "left");
    await two.group.says("Bram", "2", "still here");
    await settle();
    expect(two.shown(home).at(-1)).toBe("Bram (Quill): still here");
    expect(home.members.get(ANA)).toBe("join");
    expect(work.members.get(ANA)).toBe("leave");
    await two.it.world.moves(ANA, work.id, "leave");
    await two.group.movesOurs("Bram", "in", WORK, "joined");
    await two.group.says("Bram", "3", "all of you");
    await settle();
    expect((await two.room(ANA, WORK)).id).toBe(work.id);
    for (const room of [work, home]) expect(two.shown(room).at(-1)).toBe("Bram (Quill): all of you");
  });

  test("keeps what came to each across a new room of one", async () => {
    await using two = await TwoAccounts.begin();
    await two.hello();
    const home = await two.room(ANA, HOME);
    const { world } = two.it;
    const management = await world.store.rooms.of(ANA);
    if (!management) throw new Error("no management room");
    await world.says(ANA, management, `new-room quill/${HOME} Family`);
    await world.clock.advance(60_000);
    await two.group.does("Bram", "r", {
      kind: "reaction",
      target: "1" as MessageId,
      own: false,
      emoji: "👍",
    });
    await two.group.says("Bram", "2", "again");
    await settle();
    const next = await two.room(ANA, HOME);
    expect(next.id).not.toBe(home.id);
    expect(two.shown(next).at(-1)).toBe("Bram (Quill): again");
    expect(two.shown(await two.room(ANA, WORK))).toEqual(["Bram (Quill): hello", "Bram (Quill): again"]);
  });
});
