import { expect, test } from "@jest/globals";
import type { ChatId, LoginId } from "../../../src/core/model/ids.ts";
import type { Writes } from "../../../src/core/ports/store.ts";
import { allMembers } from "../../../src/networks/meta-interop/group-members.ts";
import type { InteropGroupWrites } from "../../../src/networks/meta-interop/group-records.ts";
import { storeWhole } from "../../../src/networks/meta-interop/groups/whole-groups.ts";
import type { LoginContext } from "../../../src/networks/meta-interop/session/login-context.ts";
import { TurnByTurn } from "../../../src/networks/meta-interop/session/retry/turn-by-turn.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import type { GroupDescription } from "../../../src/networks/meta-interop/wire/groups.ts";

test("the 10,000 members of a group are read 1,000 at a time, with turns of the event loop between them", async () => {
  const rows = Array.from({ length: 10_000 }, (_, at) => ({ person: String(at).padStart(5, "0") }));
  const pages: number[] = [];
  const members = async (
    _: LoginId,
    __: ChatId,
    page: { readonly after?: string; readonly most: number },
  ) => {
    const from = rows.findIndex(({ person }) => person > (page.after ?? ""));
    const some = from < 0 ? [] : rows.slice(from, from + page.most);
    pages.push(some.length);
    return some;
  };
  let turns = 0;
  let done = false;
  const count = (): void => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const store = { family: () => ({ members }) } as unknown as LoginContext["store"];
  expect(await allMembers({ store, login: "l" as LoginId }, "many@g.us" as ChatId)).toEqual(rows);
  done = true;
  expect(pages).toEqual([...Array(10).fill(1_000), 0]);
  expect(turns).toBeGreaterThanOrEqual(10);
});

test("a group of 10,000 is stored in slices with turns of the event loop between them, what says that it is there last", async () => {
  const commits: { members: number; group: boolean }[] = [];
  const people = new Set<string>();
  const store = {
    family: () => ({ members: async () => [] }),
    async write(record: (tx: Writes) => void): Promise<void> {
      const commit = { members: 0, group: false };
      const groups: Partial<InteropGroupWrites> = {
        setGroup: () => void (commit.group = true),
        setMember(_, __, { person }) {
          commit.members += 1;
          people.add(person);
        },
      };
      record({ family: () => groups } as unknown as Writes);
      commits.push(commit);
    },
  };
  const members = Array.from({ length: 10_000 }, (_, at) => ({
    jid: `${31_600_000_000 + at}@s.whatsapp.net`,
    part: "member" as const,
    name: `Member ${at}`,
  }));
  const description: GroupDescription = {
    id: "many@g.us",
    subject: "Many",
    description: "",
    members,
    announcement: false,
    locked: false,
  } as unknown as GroupDescription;
  const login = "l" as LoginId;
  const context = { login, store, profile: whatsapp, own: "nobody", clock: { now: () => 1 } };
  let turns = 0;
  let done = false;
  const count = (): void => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  await storeWhole(context as unknown as LoginContext, "many@g.us" as ChatId, description);
  done = true;
  expect(people.size).toBe(10_000);
  expect(commits.reduce((sum, commit) => sum + commit.members, 0)).toBe(10_000);
  expect(Math.max(...commits.map((commit) => commit.members))).toBe(500);
  expect(commits.map(({ group }) => group)).toEqual([...Array(commits.length - 1).fill(false), true]);
  expect(turns).toBeGreaterThanOrEqual(19);
});

test("of many who ask for a message again at once, each is answered in a turn of the event loop of its own", async () => {
  const turns = new TurnByTurn();
  let turn = 0;
  let done = false;
  const count = (): void => {
    turn += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const answered: number[] = [];
  await Promise.all(Array.from({ length: 400 }, () => turns.next().then(() => answered.push(turn))));
  done = true;
  expect(new Set(answered).size).toBeGreaterThanOrEqual(399);
});
