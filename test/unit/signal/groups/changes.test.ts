import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { actorOf, applyChange } from "../../../../src/networks/signal/groups/apply-change.ts";
import { decodeState } from "../../../../src/networks/signal/groups/read-state.ts";
import { signedActions } from "../../../../src/networks/signal/groups/signed-change.ts";
import { proto } from "../../../../tools/signal-mock/mock-server.ts";
import type { GroupActions } from "../../../../tools/signal-mock/signed-change.ts";
import { ADA, acts } from "./server-acts.ts";
import { personNumber, ServerGroup, secrets } from "./server-group.ts";

const zkParams = secrets.getPublicParams();
const { ADMINISTRATOR } = proto.Member.Role;

interface Step {
  readonly act: string;
  readonly person: string;
  readonly number: number;
}

const steps = fc.array(
  fc.record({
    act: fc.constantFrom(...Object.keys(acts)),
    person: fc.integer({ min: 0, max: 3 }).map(personNumber),
    number: fc.integer({ min: 1, max: 250 }),
  }),
  { minLength: 1, maxLength: 30 },
);

/** Takes what a group can take of these steps, and answers how many that were. */
async function taken(all: readonly Step[]): Promise<number> {
  const group = new ServerGroup();
  let state = await decodeState(group.cipher, group.bytes());
  let count = 0;
  for (const { act, person, number } of all) {
    const doing = acts[act]?.(person, number)(group, group.state);
    if (!doing) continue;
    count += 1;
    const change = group.changes(ADA, doing.actions, doing.state);
    const actions = signedActions(change, group.cipher, zkParams);
    if (!actions) throw new Error("not signed");
    expect(actorOf(actions, group.cipher)).toBe(ADA);
    const after = applyChange(state, actions, group.cipher);
    if (!after) throw new Error(`${act} does not follow`);
    // The server does not say who left.
    const { former: _, ...told } = after;
    expect(told).toEqual(await decodeState(group.cipher, group.bytes()));
    state = after;
  }
  return count;
}

const [BOB, EVE, MAX] = [1, 2, 3].map(personNumber) as [string, string, string];
/** Each kind of change once at least, where it can be. */
const EACH: readonly (readonly [act: string, person: string, number: number])[] = [
  ["title", ADA, 1],
  ["description", ADA, 2],
  ["description", ADA, 3],
  ["avatar", ADA, 4],
  ["timer", ADA, 5],
  ["announcements", ADA, 6],
  ["access", ADA, 6],
  ["access", ADA, 7],
  ["access", ADA, 8],
  ["add", BOB, 2],
  ["role", BOB, 1],
  ["profileKey", BOB, 9],
  ["invite", EVE, 1],
  ["accept", EVE, 4],
  ["invite", MAX, 3],
  ["accept", MAX, 5],
  ["remove", MAX, 1],
  ["invite", MAX, 1],
  ["decline", MAX, 1],
  ["ask", MAX, 2],
  ["admit", MAX, 2],
  ["ban", MAX, 1],
  ["unban", MAX, 1],
  ["link", ADA, 7],
  ["end", ADA, 1],
];

describe("changes of a Signal group", () => {
  test("each kind, applied, makes the state that the server has", async () => {
    expect(new Set(EACH.map(([act]) => act))).toEqual(new Set(Object.keys(acts)));
    expect(await taken(EACH.map(([act, person, number]) => ({ act, person, number })))).toBe(EACH.length);
  });

  test("in any order, applied one by one, they make the state that the server has", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => void (await taken(all))),
      { numRuns: 60 },
    );
  });

  test("several in one revision are applied together", async () => {
    const group = new ServerGroup(1, { members: [] });
    const before = await decodeState(group.cipher, group.bytes());
    const [eve, bob] = [
      group.member(personNumber(1)),
      group.member(personNumber(2), { role: ADMINISTRATOR }),
    ];
    const title = group.blob({ title: "Samen" });
    const added = [eve, bob].map((one) => ({ added: one, joinFromInviteLink: null }));
    const change = group.changes(
      ADA,
      { addMembers: added, modifyTitle: { title } },
      { members: [eve, bob], title },
    );
    const actions = signedActions(change, group.cipher, zkParams);
    const after = actions && applyChange(before, actions, group.cipher);
    expect(after).toEqual(await decodeState(group.cipher, group.bytes()));
    expect(after?.members.map(({ person, admin }) => [person, admin])).toEqual([
      [personNumber(1), false],
      [personNumber(2), true],
    ]);
  });

  test("what contradicts the state, skips a revision or comes twice is not applied", async () => {
    const group = new ServerGroup();
    const before = await decodeState(group.cipher, group.bytes());
    const apply = (actions: GroupActions, state = before) => {
      const other = new ServerGroup();
      const signed = signedActions(other.changes(ADA, actions, {}), other.cipher, zkParams);
      return signed && applyChange(state, signed, group.cipher);
    };
    const stranger = group.userId(personNumber(9));
    const member = group.member(personNumber(1));
    const once = apply({ addMembers: [{ added: member, joinFromInviteLink: null }] });
    expect(once?.revision).toBe(1);
    for (const actions of [
      { deleteMembers: [{ deletedUserId: stranger }] },
      { modifyMemberRoles: [{ userId: stranger, role: ADMINISTRATOR }] },
      { addMembers: [member, member].map((added) => ({ added, joinFromInviteLink: null })) },
      { addMembers: [{ added: null, joinFromInviteLink: null }] },
      { deleteMembers: [{ deletedUserId: new Uint8Array(3) }] },
      { deleteMembersBanned: [{ deletedUserId: stranger }] },
      { promoteMembersPendingAdminApproval: [{ userId: stranger, role: ADMINISTRATOR }] },
    ])
      expect(apply(actions)).toBeUndefined();
    expect(apply({ modifyAnnouncementsOnly: { announcementsOnly: true } }, once)).toBeUndefined();
    expect(apply({}, { ...before, revision: 5 })).toBeUndefined();
  });

  test("only what the server signed for this group, and what is known here, counts", () => {
    const group = new ServerGroup();
    const change = group.changes(ADA, { modifyAnnouncementsOnly: { announcementsOnly: true } }, {});
    expect(signedActions(change, group.cipher, zkParams)?.version).toBe(1);
    expect(signedActions(change, new ServerGroup(2).cipher, zkParams)).toBeUndefined();
    expect(signedActions(group.changes(ADA, {}, {}, 99), group.cipher, zkParams)).toBeUndefined();
    for (let at = 0; at < change.length; at += 1) {
      const forged = Uint8Array.from(change);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(() => signedActions(forged, group.cipher, zkParams)).not.toThrow();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(signedActions(noise, group.cipher, zkParams)).toBeUndefined();
      }),
    );
  });
});
