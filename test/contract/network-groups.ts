import { expect, test } from "@jest/globals";
import type { GroupChange, Role } from "../../src/core/model/groups.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import type { NetworkClient } from "../../src/core/ports/network.ts";
import type { Store } from "../../src/core/ports/store.ts";
import type { RecordingSink } from "../kit/recording-sink.ts";

/** Contacts with whom a test can have groups. */
export interface StageGroups {
  /** The contact makes a group with another one, and with our person. */
  begins(us: string, name: string): Promise<ChatId>;
  readonly contact: PersonId;
  /** A third person, who is in the groups that the contact makes. */
  readonly third: PersonId;
  says(chat: ChatId, text: string, id: string): Promise<void>;
  /** Resolves when both phones show our person's text in the group. */
  bothShow(chat: ChatId, text: string): Promise<void>;
  /** What the network has of a group. */
  state(chat: ChatId): Promise<{ readonly name: string; readonly members: number }>;
  /** What we did against the network's rules. */
  breaches(): Promise<readonly unknown[]>;
  /** What a group's maker is in it, as the network has it. */
  readonly maker: Role;
  /** The network lets us take part in groups, or no more, where that is its to grant. */
  readonly grants?: (on: boolean) => Promise<void>;
}

export interface GroupScene {
  readonly us: string;
  readonly groups: StageGroups;
  readonly client: NetworkClient;
  readonly sink: RecordingSink;
  readonly store: Store;
  /** As in {@link NetworkStage}. */
  readonly idOf: (called: string, by: "us" | "contact") => MessageId;
}

const noFile = (): Promise<never> => Promise.reject(new Error("no file was sent"));

/** What the bridge may rely on of groups. `granted`: whether they are the network's to grant. */
export function networkGroups(scene: () => GroupScene, { granted }: { readonly granted: boolean }): void {
  let chat: ChatId;

  const send = (called: string, text: string) => {
    const { client, sink, idOf } = scene();
    const id = idOf(called, "us");
    const message = { parts: [{ kind: "text", style: "text", body: plainText(text) }] } as const;
    const item = { chat, id, outgoing: { kind: "message", message }, open: noFile } as const;
    return client.send(item, sink.journal(item.id));
  };
  const changes = async (called: string, change: GroupChange): Promise<void> => {
    const { client, sink, store, idOf } = scene();
    const outgoing = { kind: "group-change", change } as const;
    const item = { chat, id: idOf(called, "us"), outgoing, open: noFile };
    const result = await client.send(item, sink.journal(item.id));
    if (result?.record) await store.write(result.record);
  };

  test("tells of a group that our person is put in, and what it is", async () => {
    const { us, groups, client, sink } = scene();
    chat = await groups.begins(us, "Walks");
    await sink.until("the group", () => sink.events.some((event) => event.chat === chat));
    const info = await client.chatInfo?.(chat);
    if (info?.kind !== "group") throw new Error("not a group");
    expect(info.name).toBe("Walks");
    const { contact, third } = groups;
    expect(new Map(info.members.map(({ person, role }) => [person, role]))).toEqual(
      new Map([
        [undefined, "member"],
        [contact, groups.maker],
        [third, "member"],
      ]),
    );
  });

  test("carries what is written in a group both ways, to all of it", async () => {
    const { groups, sink, idOf } = scene();
    await groups.says(chat, "who comes?", "gin-1");
    await groups.says(chat, "anybody?", "gin-2");
    await sink.until("two texts", () => sink.texts().includes("anybody?"));
    expect(sink.events.slice(-2)).toMatchObject([
      { chat, sender: groups.contact, id: idOf("gin-1", "contact"), kind: "message" },
      { chat, sender: groups.contact, id: idOf("gin-2", "contact"), kind: "message" },
    ]);
    await Promise.all([send("GOUT1", "I do"), send("GOUT2", "and my dog")]);
    await groups.bothShow(chat, "I do");
    await groups.bothShow(chat, "and my dog");
  });

  test("changes a group as our person does, refuses in words what is not theirs, and a repeat is no fault", async () => {
    const { groups, client, sink } = scene();
    await changes("GC1", { kind: "name", name: "Long walks" });
    await changes("GC1", { kind: "name", name: "Long walks" });
    expect(await groups.state(chat)).toMatchObject({ name: "Long walks" });
    expect(await client.chatInfo?.(chat)).toMatchObject({ name: "Long walks" });
    const { third } = groups;
    await expect(changes("GC2", { kind: "remove", person: third, name: "Cas" })).rejects.toMatchObject({
      certain: true,
      words: expect.stringMatching(/admin/),
    });
    await changes("GC3", { kind: "add", person: third, name: "Cas" });
    expect(await groups.state(chat)).toMatchObject({ members: 3 });
    await send("GOUT3", "still here");
    await groups.bothShow(chat, "still here");
    expect(sink.undelivereds).toEqual([]);
  });

  test("makes a group once, however often it is asked, in which our person writes at once", async () => {
    const { groups, client } = scene();
    const wanted = { key: "made-1", name: "Ours", people: [groups.contact, groups.third] };
    chat = (await client.createGroup?.(wanted)) ?? chat;
    expect(await client.createGroup?.(wanted)).toBe(chat);
    await changes("GC4", { kind: "role", person: groups.third, name: "Cas", role: "admin" });
    await send("GOUT4", "welcome");
    await groups.bothShow(chat, "welcome");
    await changes("GC5", { kind: "remove", person: groups.third, name: "Cas" });
    await changes("GC5", { kind: "remove", person: groups.third, name: "Cas" });
    expect(await groups.state(chat)).toEqual({ name: "Ours", members: 2 });
  });

  test("has admins alone write in a group or change it, as our person decides, and everybody again", async () => {
    const { client } = scene();
    for (const [called, role] of [
      ["GC8", "admin"],
      ["GC9", "member"],
    ] as const) {
      const decided = { kind: "permission", what: "writes", role } as const;
      await changes(called, decided);
      await changes(called, decided);
      await changes(`${called}c`, { ...decided, what: "changes" });
      expect(await client.chatInfo?.(chat)).toMatchObject({ permissions: { writes: role, changes: role } });
    }
  });

  if (granted) {
    test("closes groups, in words, while the network does not grant them", async () => {
      const { groups, client, sink } = scene();
      const closed = (): string | undefined => client.capabilities(chat).closed;
      await groups.grants?.(false);
      await sink.until("the end of the grant", () => closed() !== undefined);
      expect(closed()).toMatch(/\S/);
      expect(client.capabilities(groups.contact as string as ChatId).closed).toBeUndefined();
      await expect(send("GOUT5", "hello?")).rejects.toMatchObject({ certain: true });
      await groups.grants?.(true);
      await sink.until("the grant", () => closed() === undefined);
    });
  }

  test("leaves a group once, within its rules", async () => {
    const { groups } = scene();
    // A group does not stay without an admin.
    await changes("GC7", { kind: "role", person: groups.contact, name: "the contact", role: "admin" });
    await changes("GC6", { kind: "leave" });
    await changes("GC6", { kind: "leave" });
    expect(await groups.state(chat)).toMatchObject({ members: 1 });
    expect(await groups.breaches()).toEqual([]);
  });
}
