import { z } from "zod";
import { takeOut } from "../groups/group-change.ts";
import { Told } from "../groups/group-news.ts";
import { renumber } from "../groups/renumbered-member.ts";
import { drawnPictures } from "../phone/drawn-pictures.ts";
import { notifyAbout, relatedAccounts } from "../phone/person-notifications.ts";
import { sealPicture } from "../phone/profile-picture.ts";
import { serverOf } from "../state/outgoing-stanzas.ts";
import type { PersonRow } from "../state/person-table.ts";
import { givenPicture } from "./given-picture.ts";
import { addressee, type Verb, type VerbContext, verb } from "./verb.ts";

const nothing = z.strictObject({});
const to = z.string().min(1);

/** Changes a person's settings and tells the accounts for which they became reachable or unreachable. */
async function changeSettings(
  { person }: VerbContext,
  fields: Partial<PersonRow>,
  also: () => void = () => undefined,
): Promise<void> {
  await person.inLane(async () => {
    const before = person.row;
    const after = { ...before, ...fields };
    const open = (row: PersonRow): readonly number[] => (row.optedIn && !row.gone ? row.apps : []);
    const gained = open(after).filter((app) => !open(before).includes(app));
    const lost = open(before).filter((app) => !open(after).includes(app));
    const joins = notifyAbout(person, relatedAccounts(person, gained), { tag: "opt_in" });
    const leaves = notifyAbout(person, relatedAccounts(person, lost), {
      tag: "opt_out",
      reason: after.gone ? "gone" : after.optedIn ? "app" : "off",
    });
    await person.change(fields, () => {
      joins.post();
      leaves.post();
      also();
    });
    joins.wake();
    leaves.wake();
  });
}

async function block({ person }: VerbContext, who: string, on: boolean): Promise<void> {
  const account = addressee(person, who);
  const { commits, messages } = person.parts;
  await person.inLane(async () => {
    const notification = notifyAbout(person, [account.id], { tag: on ? "blocked" : "unblocked" });
    const changed = await commits.commit(() => {
      const was = messages.blocked(person.id, account.id, "person");
      if (was === on) return false;
      if (on) messages.block(person.id, account.id, "person");
      else messages.unblock(person.id, account.id, "person");
      notification.post();
      return true;
    });
    if (changed) notification.wake();
  });
}

/** Verbs that change a person's profile, phone and apps, and whom they let write to them. */
export const settingVerbs: Readonly<Record<string, Verb>> = {
  turnsOn: verb(nothing, async (context) => {
    await changeSettings(context, { optedIn: true });
    return {};
  }),
  turnsOff: verb(nothing, async (context) => {
    await changeSettings(context, { optedIn: false });
    return {};
  }),
  choosesApps: verb(z.strictObject({ apps: z.array(z.int().min(1).max(999)) }), async (context, { apps }) => {
    await changeSettings(context, { apps });
    return {};
  }),
  leaves: verb(nothing, async (context) => {
    const { groups, person } = context;
    const told = new Told();
    await changeSettings(context, { gone: true, optedIn: false }, () => {
      for (const group of groups.of({ kind: "person", person }))
        takeOut(groups, group, { kind: "person", person }, told);
    });
    told.wake(groups);
    context.people.reindex();
    return {};
  }),
  setsInbox: verb(
    z.strictObject({ mode: z.enum(["separate", "combined"]) }),
    async ({ person }, { mode }) => {
      await person.inLane(() => person.change({ inboxMode: mode }));
      return {};
    },
  ),
  renames: verb(z.strictObject({ name: z.string().min(1).max(255) }), async ({ person }, { name }) => {
    await person.inLane(async () => {
      const notification = notifyAbout(person, relatedAccounts(person), { tag: "profile", name });
      await person.change({ name }, () => notification.post());
      notification.wake();
    });
    return {};
  }),
  setsPicture: verb(
    z.strictObject({ media: z.base64().optional(), drawn: z.enum(drawnPictures).optional() }),
    async ({ person }, { media, drawn }) => {
      const given = givenPicture({ media, drawn });
      const sealed = given ? sealPicture(given) : undefined;
      await person.inLane(async () => {
        const picture = sealed?.picture ?? null;
        const { name } = person.row;
        const notification = notifyAbout(person, relatedAccounts(person), { tag: "profile", name, picture });
        await person.change({ picture }, () => {
          sealed?.host(person.parts.media, person.row.network);
          notification.post();
        });
        notification.wake();
      });
      return {};
    },
  ),
  changesPhone: verb(z.strictObject({ phone: z.string() }), async (context, { phone: given }) => {
    const { person, people } = context;
    const { network, phone: had } = person.row;
    const phone = people.checkPhone(network, given);
    if (phone === had) return {};
    await person.inLane(() => changeNumber(context, phone));
    return {};
  }),
  blocks: verb(z.strictObject({ to }), async (context, { to }) => {
    await block(context, to, true);
    return {};
  }),
  unblocks: verb(z.strictObject({ to }), async (context, { to }) => {
    await block(context, to, false);
    return {};
  }),
  goesOffline: verb(nothing, async ({ person }) => {
    await person.inLane(() => person.change({ online: false }));
    return {};
  }),
  comesOnline: verb(nothing, async ({ person, catchUp }) => {
    // One job of the lane, so that a later stanza comes behind those that waited.
    await person.inLane(async () => {
      await person.change({ online: true });
      await catchUp(person);
    });
    return {};
  }),
  reinstalls: verb(nothing, async ({ person, people }) => {
    await person.inLane(() => people.reinstall(person));
    return {};
  }),
};

/**
 * On WhatsApp the phone number is the address: accounts that know the old one are told that it is gone, and the
 * person's Signal sessions, which belong to the old address, are dropped.
 */
async function changeNumber(
  { person, people, groups }: Pick<VerbContext, "person" | "people" | "groups">,
  phone: string,
): Promise<void> {
  const { network, jid: old } = person.row;
  if (network !== "whatsapp") return person.change({ phone });
  const { commits, heldPrekeys, signal, personTable } = person.parts;
  const jid = `${phone.slice(1)}@${serverOf[network]}`;
  await commits.commit(() => {
    personTable.release(jid);
    heldPrekeys.forget(jid);
  });
  const notification = notifyAbout(person, relatedAccounts(person), { tag: "opt_out" }, old);
  const told = new Told();
  await person.change({ phone, jid }, () => {
    signal.forgetSessions(person.id);
    heldPrekeys.rename(old, jid);
    notification.post();
    renumber(groups, person, old, jid, told);
  });
  person.signal.replace({ pair: person.signal.pair, registration: person.signal.registration });
  people.reindex();
  notification.wake();
  told.wake(groups);
}
