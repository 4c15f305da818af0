import { personTarget } from "../../chats/command-target.ts";
import type { PortalWithRoom } from "../../chats/successions.ts";
import type { RemoteEvent } from "../../model/events.ts";
import type { PersonId, UserId } from "../../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../../ports/homeserver.ts";
import type { GroupPortal, Login, NewMatrixOutboxRow } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { OutboxRows } from "../../runtime/outbox-rows.ts";

/** The most groups' rooms in which one member's change is told; in others it is at the next try to write. */
const MAX_ROOMS = 20;

interface ChangedIdentitiesParts {
  readonly store: Pick<Store, "contacts" | "ghosts" | "logins" | "portalMembers" | "portals">;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: Pick<MatrixEncoder, "notice">;
  readonly outbox: OutboxRows;
}

interface ChangedIdentity {
  readonly name: string;
  /** To whom nothing is sent, after “to”. */
  readonly to: string;
  /** Stands for them in a command, where our person verified them. */
  readonly verifiedAs?: string | undefined;
  /** Who verified them, where several of our people read it. */
  readonly verifiedBy?: UserId | undefined;
}

/** That somebody's safety number changed, in words. */
export function changedIdentityWords({ name, to, verifiedAs, verifiedBy }: ChangedIdentity): string {
  const changed = `${name}'s safety number changed. They may have a new phone or installed the app again.`;
  if (verifiedAs === undefined) return `${changed} If it matters who reads along, ask them by another way.`;
  const verify = `“verify ${verifiedAs}” to the bot`;
  return verifiedBy === undefined
    ? `${changed} You had verified the old one, so nothing is sent to ${to} until you write ${verify} and agree.`
    : `${changed} ${verifiedBy} had verified the old one, so nothing that they write is sent to ${to} until they write ${verify} and agree.`;
}

/** The writes that tell a changed safety number in the rooms of the groups that its person is in: once a day in each. */
export async function tellGroups(
  parts: ChangedIdentitiesParts,
  { chat, sender }: Extract<RemoteEvent, { readonly kind: "identity-changed" }>,
  login: Login,
): Promise<(tx: Writes) => void> {
  const { store, homeserver, encoder, outbox } = parts;
  const rows: { readonly words: string; readonly row: NewMatrixOutboxRow }[] = [];
  const trust = (await store.contacts.get(login.id, sender))?.trust;
  const isVerified = trust === "verified" || trust === "changed";
  const name = (await store.ghosts.byPerson(login.network, sender))?.name ?? "A member";
  for (const portal of await store.portals.ofLogin(login.id)) {
    if (portal.kind === "direct" || !isOpen(portal) || rows.length === MAX_ROOMS) continue;
    if (portal.chat !== chat && !(await isMember(store, portal, sender))) continue;
    const others = (await store.portals.ofRoom(portal.room)).filter(({ state }) => state !== "archived");
    const words = changedIdentityWords({
      name,
      to: "this group",
      verifiedAs: isVerified ? await personTarget(store, portal, sender) : undefined,
      verifiedBy: others.length > 1 ? login.user : undefined,
    });
    rows.push({ words, row: outbox.row(portal.room, homeserver.bot, encoder.notice(words)) });
  }
  return (tx) => {
    for (const { words, row } of rows) tx.told.once(words, row);
  };
}

const isOpen = (portal: GroupPortal): portal is GroupPortal & PortalWithRoom =>
  portal.room !== undefined && portal.state !== "archived";

/** Whether both somebody and our person are in the group. */
async function isMember(
  { portalMembers }: ChangedIdentitiesParts["store"],
  group: GroupPortal,
  person: PersonId,
): Promise<boolean> {
  if ((await portalMembers.get(group, person))?.membership !== "joined") return false;
  return (await portalMembers.get(group, undefined))?.membership === "joined";
}
