import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PersonId } from "../../../../src/core/model/ids.ts";
import { applyChange } from "../../../../src/networks/signal/groups/apply-change.ts";
import { fetchNews } from "../../../../src/networks/signal/groups/fetch-news.ts";
import { groupEvents } from "../../../../src/networks/signal/groups/group-events.ts";
import { decodeState } from "../../../../src/networks/signal/groups/read-state.ts";
import { signedActions } from "../../../../src/networks/signal/groups/signed-change.ts";
import { WireError } from "../../../../src/networks/signal/wire/errors.ts";
import { proto } from "../../../../tools/signal-mock/mock-server.ts";
import { personNumber, ServerGroup, secrets } from "./server-group.ts";

const ADA = personNumber(0);
const { ADMINISTRATOR, DEFAULT } = proto.Member.Role;

const people = (group: ServerGroup, count: number) =>
  Array.from({ length: count }, (_, number) => group.member(personNumber(number)));

describe("a group whose server, or whose members, mean no good", () => {
  test("of random bytes, or cut off anywhere, is refused and nothing else", async () => {
    const group = new ServerGroup(1, { members: people(new ServerGroup(), 3), title: new Uint8Array(40) });
    const whole = group.bytes();
    const onlyWireErrors = async (bytes: Uint8Array) => {
      try {
        await decodeState(group.cipher, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    };
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), onlyWireErrors));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
        await onlyWireErrors(whole.subarray(0, at));
        const changed = Uint8Array.from(whole);
        changed[at] = byte;
        await onlyWireErrors(changed);
      }),
    );
    await expect(decodeState(new ServerGroup(2).cipher, whole)).rejects.toThrow("another group");
  });

  test("of a hundred thousand people is refused at once, and of a thousand is read in slices", async () => {
    const group = new ServerGroup();
    const one = group.member(ADA);
    const many = new ServerGroup(1, { members: Array.from({ length: 100_000 }, () => one) });
    const bytes = many.bytes();
    await expect(decodeState(group.cipher, bytes)).rejects.toMatchObject({ reason: "too-long" });
    const large = new ServerGroup(1, { members: people(group, 1_001) }).bytes();
    let turns = 0;
    let isDone = false;
    const look = (): void => {
      turns += 1;
      if (!isDone) setImmediate(look);
    };
    setImmediate(look);
    expect((await decodeState(group.cipher, large)).members).toHaveLength(1_001);
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  test("with people twice, in two roles, invited and in it, or nobody's, has each once", async () => {
    const group = new ServerGroup();
    const twice = [
      group.member(ADA, { role: ADMINISTRATOR }),
      group.member(ADA, { role: DEFAULT }),
      { ...group.member(personNumber(1)), userId: new Uint8Array(65) },
      { ...group.member(personNumber(2)), profileKey: new Uint8Array(5) },
    ];
    const state = await decodeState(group.cipher, new ServerGroup(1, { members: twice }).bytes());
    expect(state.members).toEqual([
      { person: ADA, admin: true, profileKey: expect.stringMatching(/.{40}/) },
      { person: personNumber(2), admin: false, profileKey: "" },
    ]);
  });

  test("with a title of 100 kB has one that a room can bear", async () => {
    const group = new ServerGroup();
    const title = group.blob({ title: "x".repeat(100_000) });
    const description = group.blob({ descriptionText: "🚲".repeat(50_000) });
    const state = await decodeState(group.cipher, new ServerGroup(1, { title, description }).bytes());
    expect([state.title.length, state.description.length]).toEqual([1_000, 10_000]);
  });

  test("two changes of one revision: the first counts, and its repeat says the same", async () => {
    const before = await decodeState(new ServerGroup().cipher, new ServerGroup().bytes());
    const change = (title: string) => {
      const group = new ServerGroup();
      const blob = group.blob({ title });
      const bytes = group.changes(ADA, { modifyTitle: { title: blob } }, { title: blob });
      const actions = signedActions(bytes, group.cipher, secrets.getPublicParams());
      if (!actions) throw new Error("not signed");
      return { actions, cipher: group.cipher };
    };
    const [one, other] = [change("one"), change("other")];
    const after = applyChange(before, one.actions, one.cipher);
    expect(after?.title).toBe("one");
    expect(after && applyChange(after, other.actions, other.cipher)).toBeUndefined();
    const head = {
      chat: one.cipher.chat,
      actor: ADA as PersonId,
      own: ADA as PersonId,
      ownNumber: ADA as PersonId,
      at: 1,
      names: new Map(),
    };
    const ids = (next: typeof after) => next && [...groupEvents(before, next, head)].map(({ id }) => id);
    expect(ids(after)).toEqual(ids(applyChange(before, other.actions, other.cipher)));
  });

  test("a log that never ends, turns in a circle or does not lead on gives way to the state", async () => {
    const group = new ServerGroup();
    const before = await decodeState(group.cipher, group.bytes());
    const state = { kind: "closed" } as const;
    const closed = { ...state, from: before.revision };
    const asked: number[] = [];
    const endless = (actions: readonly Uint8Array[]) => ({
      async changes(_: unknown, from: number) {
        asked.push(from);
        if (asked.length > 10) throw new Error("asked without end");
        return {
          kind: "changes",
          changes: actions.map((one) => ({ actions: one, epoch: 1 })),
          isWhole: false,
        } as const;
      },
      group: async () => state,
    });
    expect(await fetchNews(endless([]), group.cipher, before)).toEqual(closed);
    const bytes = proto.GroupChange.decode(group.changes(ADA, {}, {})).actions ?? new Uint8Array();
    expect(await fetchNews(endless([bytes, bytes]), group.cipher, before)).toEqual(closed);
    expect(await fetchNews(endless([new Uint8Array([255])]), group.cipher, before)).toMatchObject({
      kind: "unreadable",
    });
    expect(asked.length).toBeLessThan(8);
  });
});
