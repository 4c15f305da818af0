import { z } from "zod";
import { acquainted, tell } from "../phone/person-notifications.ts";
import { serverOf } from "../state/outgoing-stanzas.ts";
import type { PersonRow } from "../state/person-table.ts";
import { addressee, type Verb, type VerbScene, verb } from "./verb.ts";

const nothing = z.strictObject({});
const to = z.string().min(1);

/** Changes a setting and tells those for whom the person became reachable, or ceased to be. */
async function settle({ person }: VerbScene, fields: Partial<PersonRow>): Promise<void> {
  await person.inLane(async () => {
    const before = person.row;
    const after = { ...before, ...fields };
    const open = (row: PersonRow): readonly number[] => (row.optedIn && !row.gone ? row.apps : []);
    const gained = open(after).filter((app) => !open(before).includes(app));
    const lost = open(before).filter((app) => !open(after).includes(app));
    const joins = tell(person, acquainted(person, gained), { tag: "opt_in" });
    const leaves = tell(person, acquainted(person, lost), {
      tag: "opt_out",
      reason: after.gone ? "gone" : after.optedIn ? "app" : "off",
    });
    await person.change(fields, () => {
      joins.post();
      leaves.post();
    });
    joins.wake();
    leaves.wake();
  });
}

async function block({ person }: VerbScene, who: string, on: boolean): Promise<void> {
  const account = addressee(person, who);
  const { commits, messages } = person.parts;
  await person.inLane(async () => {
    const news = tell(person, [account.id], { tag: on ? "blocked" : "unblocked" });
    const changed = await commits.commit(() => {
      const was = messages.blocked(person.id, account.id, "person");
      if (was === on) return false;
      if (on) messages.block(person.id, account.id, "person");
      else messages.unblock(person.id, account.id, "person");
      news.post();
      return true;
    });
    if (changed) news.wake();
  });
}

/** Verbs that change who a person is, and whom they let write to them. */
export const settingVerbs: Readonly<Record<string, Verb>> = {
  turnsOn: verb(nothing, async (scene) => {
    await settle(scene, { optedIn: true });
    return {};
  }),
  turnsOff: verb(nothing, async (scene) => {
    await settle(scene, { optedIn: false });
    return {};
  }),
  choosesApps: verb(z.strictObject({ apps: z.array(z.int().min(1).max(999)) }), async (scene, { apps }) => {
    await settle(scene, { apps });
    return {};
  }),
  leaves: verb(nothing, async (scene) => {
    await settle(scene, { gone: true, optedIn: false });
    scene.people.moved();
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
      const news = tell(person, acquainted(person), { tag: "profile", name });
      await person.change({ name }, () => news.post());
      news.wake();
    });
    return {};
  }),
  changesPhone: verb(z.strictObject({ phone: z.string() }), async ({ person, people }, { phone: given }) => {
    const { network, phone: had } = person.row;
    const phone = people.phone(network, given);
    if (phone === had) return {};
    await person.inLane(() => moveNumber({ person, people }, phone));
    return {};
  }),
  blocks: verb(z.strictObject({ to }), async (scene, { to }) => {
    await block(scene, to, true);
    return {};
  }),
  unblocks: verb(z.strictObject({ to }), async (scene, { to }) => {
    await block(scene, to, false);
    return {};
  }),
  goesOffline: verb(nothing, async ({ person }) => {
    await person.inLane(() => person.change({ online: false }));
    return {};
  }),
  comesOnline: verb(nothing, async ({ person, catchUp }) => {
    // In one turn: what comes from now on is behind what waited.
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
 * On WhatsApp the number is the address: those who knew the old one learn that nobody is there any more, and a
 * session made under it is of no use to the new one.
 */
async function moveNumber(
  { person, people }: Pick<VerbScene, "person" | "people">,
  phone: string,
): Promise<void> {
  const { network, jid: old } = person.row;
  if (network !== "whatsapp") return person.change({ phone });
  const { commits, held, signal, table } = person.parts;
  const jid = `${phone.slice(1)}@${serverOf[network]}`;
  await commits.commit(() => {
    table.release(jid);
    held.forget(jid);
  });
  const news = tell(person, acquainted(person), { tag: "opt_out" }, old);
  await person.change({ phone, jid }, () => {
    signal.forgetSessions(person.id);
    held.rename(old, jid);
    news.post();
  });
  person.signal.replace({ pair: person.signal.pair, registration: person.signal.registration });
  people.moved();
  news.wake();
}
