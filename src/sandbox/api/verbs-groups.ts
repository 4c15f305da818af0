import { z } from "zod";
import { createGroup } from "../groups/create-group.ts";
import {
  type ChangeResult,
  changeGroup,
  type GroupError,
  type WantedChange,
} from "../groups/group-change.ts";
import { jidOf, visibleId } from "../groups/group-member.ts";
import { pictureChange } from "../groups/group-picture.ts";
import { joinGroup } from "../groups/join-group.ts";
import { HttpError } from "../http/http-error.ts";
import { drawnPictures } from "../phone/drawn-pictures.ts";
import { givenPicture } from "./given-picture.ts";
import { groupNamed, memberOfGroup, somebodyNamed } from "./group-named.ts";
import { type Verb, type VerbContext, verb } from "./verb.ts";

const name = z.string().min(1);
const group = z.string().min(1);

const errors: Record<GroupError, readonly [code: string, words: string]> = {
  "401": ["not-an-admin", "Only an admin of the group does this."],
  "403": ["not-a-member", "This person is not in the group."],
  "404": ["no-such-group", "There is no group of this name."],
  "405": ["feature-off", "Groups are switched off on this network."],
  "406": ["malformed", "The name or description is empty or too long, or the group's id is taken."],
};
const refusals: Readonly<Record<string, string>> = {
  "403": "has blocked somebody here, or made the group",
  "404": "is not there",
  "405": "has third-party chats off, or another app",
  "409": "is so already, or on another app than others of the group",
  "419": "does not fit: the group is full",
};

function checked<R extends ChangeResult>(result: R): Exclude<R, { readonly error: GroupError }> {
  if (!("error" in result)) return result as Exclude<R, { readonly error: GroupError }>;
  const [code, words] = errors[result.error];
  throw new HttpError(409, code, words);
}

/** Who was refused, by the name that the caller gave. */
function refusedNames(
  { groups, person }: VerbContext,
  names: readonly string[],
  refused: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const all = names.flatMap((one) => {
    const code = refused.get(jidOf(somebodyNamed(groups, person, one)));
    return code === undefined ? [] : [[one, code] as const];
  });
  return Object.fromEntries(all);
}

async function change(context: VerbContext, to: string, wanted: WantedChange): Promise<ChangeResult> {
  const { person, groups } = context;
  memberOfGroup(groups, person, to);
  return checked(await changeGroup(groups, to, { kind: "person", person }, wanted));
}

const members = z.strictObject({ group, member: name.optional(), members: z.array(name).optional() });

function changesMembers(action: "add" | "remove" | "promote" | "demote"): Verb {
  return verb(members, async (context, { group: to, member, members = [] }) => {
    const names = member === undefined ? members : [member, ...members];
    if (names.length === 0) throw new HttpError(400, "malformed", "This verb needs `member` or `members`.");
    const whom = names.map((one) => somebodyNamed(context.groups, context.person, one));
    const result = await change(context, to, { kind: "members", action, jids: whom.map(jidOf) });
    if ("error" in result || result.refused.size === 0) return {};
    const refused = refusedNames(context, names, result.refused);
    if (result.refused.size < whom.length) return { refused };
    const words = whom.map((who) => {
      const code = result.refused.get(jidOf(who)) ?? "404";
      return `${visibleId(who)} ${refusals[code] ?? code}.`;
    });
    throw new HttpError(409, `refused-${[...result.refused.values()][0]}`, words.join(" "));
  });
}

/** Verbs that make groups and change them. */
export const groupVerbs: Readonly<Record<string, Verb>> = {
  createsGroup: verb(
    z.strictObject({
      name,
      members: z.array(name),
      id: z
        .string()
        .regex(/^[A-Za-z0-9.-]{1,64}$/, "letters, digits, dots and hyphens, at most 64")
        .optional(),
    }),
    async (context, { name: subject, members: names, id: gid }) => {
      const { groups, person } = context;
      if (!person.row.online) throw new HttpError(409, "offline", "This person's phone is off.");
      const jids = names.map((one) => jidOf(somebodyNamed(groups, person, one)));
      const creator = { kind: "person", person } as const;
      const made = checked(await createGroup(groups, creator, { subject, key: gid ?? null, jids, gid }));
      const refused = made.refused.size === 0 ? {} : { refused: refusedNames(context, names, made.refused) };
      return { id: made.group.jid, ...refused };
    },
  ),
  adds: changesMembers("add"),
  removes: changesMembers("remove"),
  promotes: changesMembers("promote"),
  demotes: changesMembers("demote"),
  renamesGroup: verb(z.strictObject({ group, name }), async (context, { group: to, name: subject }) => {
    await change(context, to, { kind: "subject", subject });
    return {};
  }),
  describesGroup: verb(z.strictObject({ group, text: z.string() }), async (context, { group: to, text }) => {
    await change(context, to, { kind: "description", description: text });
    return {};
  }),
  setsGroupPicture: verb(
    z.strictObject({ group, media: z.base64().optional(), drawn: z.enum(drawnPictures).optional() }),
    async (context, { group: to, ...given }) => {
      const { parts, row } = context.person;
      await change(context, to, pictureChange(parts, row.network, givenPicture(given)));
      return {};
    },
  ),
  restrictsGroup: verb(
    z.strictObject({
      group,
      writes: z.enum(["admins", "all"]).optional(),
      changes: z.enum(["admins", "all"]).optional(),
    }),
    async (context, { group: to, writes, changes }) => {
      if (writes === undefined && changes === undefined)
        throw new HttpError(400, "malformed", "This verb needs `writes` or `changes`.");
      if (writes !== undefined) await change(context, to, { kind: "announcement", on: writes === "admins" });
      if (changes !== undefined) await change(context, to, { kind: "locked", on: changes === "admins" });
      return {};
    },
  ),
  leavesGroup: verb(z.strictObject({ group }), async (context, { group: to }) => {
    await change(context, to, { kind: "members", action: "remove", jids: [context.person.row.jid] });
    return {};
  }),
  joinsGroup: verb(z.strictObject({ group }), async ({ person, groups }, { group: to }) => {
    groupNamed(groups, person, to);
    const { refused } = checked(await joinGroup(groups, to, { kind: "person", person }));
    const [code] = refused.values();
    if (code !== undefined)
      throw new HttpError(409, `refused-${code}`, `This person ${refusals[code] ?? code}.`);
    return {};
  }),
};
