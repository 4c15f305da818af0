import type { PortalKey } from "../model/events.ts";
import type { PersonId } from "../model/ids.ts";
import { type UnreachedMember, unreachedWords } from "../model/reachability-text.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { GroupPortal, Login } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";

interface UnreachedMembersParts {
  readonly store: Pick<Store, "ghosts" | "portals" | "records" | "write">;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: Pick<MatrixEncoder, "notice">;
  readonly outbox: OutboxRows;
}

/** The most members whom one notice names. */
const MAX_NAMES = 5;

/** The scope of the records of whom our person was told of in a group, with the reason. */
const scopeOf = ({ login, chat }: PortalKey): string => `login/${login}/unreached/${chat}`;

/**
 * The writes that members have got something, so that it is said again where they do not; undefined where they did
 * before, as most do.
 */
export async function reached(
  { records }: Pick<Store, "records">,
  key: PortalKey,
  people: readonly PersonId[],
): Promise<((tx: Writes) => void) | undefined> {
  const scope = scopeOf(key);
  const told = new Set((await records.all(scope)).map(({ name }) => name));
  const now = people.filter((person) => told.has(person));
  return now.length === 0 ? undefined : (tx) => now.forEach((person) => tx.records.remove(scope, person));
}

/** Says in a group's room who does not get what our person writes there: of each member once for a reason. */
export class UnreachedMembers {
  readonly #parts: UnreachedMembersParts;

  constructor(parts: UnreachedMembersParts) {
    this.#parts = parts;
  }

  async tell(
    login: Login,
    network: Pick<Network, "name" | "optIn">,
    { chat }: Pick<PortalKey, "chat">,
    members: readonly UnreachedMember[],
  ): Promise<void> {
    const { store, homeserver, encoder, outbox } = this.#parts;
    const key = { login: login.id, chat };
    const portal = members.length === 0 ? undefined : await store.portals.byChat(key);
    if (portal?.kind !== "group" || portal.room === undefined) return;
    const { room } = portal;
    const you = await this.#calls(login, portal);
    const news = new Map<string, UnreachedMember[]>();
    for (const member of members) {
      const { person, why, says = why } = member;
      if ((await store.records.get(scopeOf(key), person)) === why) continue;
      news.set(says, [...(news.get(says) ?? []), member]);
    }
    if (news.size === 0) return;
    const notices = await Promise.all(
      Array.from(news.values(), async (alike) => {
        const [{ why, says } = { why: "refused" as const, says: undefined }] = alike;
        const reason =
          says === undefined
            ? `: ${unreachedWords(why, you ?? "you", network)}.`
            : `. ${network.name} says: ${says}`;
        const words =
          `What ${you === undefined ? "you write" : `${you} writes`} in this group does not reach ` +
          `${await this.#names(portal, alike)}${reason} The others get it. This is said once.`;
        return { words, row: outbox.row(room, homeserver.bot, encoder.notice(words)) };
      }),
    );
    await store.write((tx) => {
      // Two messages at one moment may find the same.
      for (const { words, row } of notices) tx.told.once(`unreached ${words}`, row);
      for (const { person, why } of Array.from(news.values()).flat())
        tx.records.set(scopeOf(key), person, why);
    });
  }

  /** What the person is called, where others of our people read it too. */
  async #calls({ id, user }: Login, { room }: GroupPortal): Promise<string | undefined> {
    const all = room === undefined ? [] : await this.#parts.store.portals.ofRoom(room);
    return all.some(({ login, state }) => login !== id && state !== "archived") ? user : undefined;
  }

  async #names({ network }: GroupPortal, people: readonly UnreachedMember[]): Promise<string> {
    const shown = await Promise.all(
      people.slice(0, MAX_NAMES).map(async ({ person }) => {
        return (await this.#parts.store.ghosts.byPerson(network, person))?.name ?? "somebody";
      }),
    );
    const more = people.length - shown.length;
    const all = more > 0 ? [...shown, `${more} more`] : shown;
    const last = all.at(-1) ?? "";
    return all.length === 1 ? last : `${all.slice(0, -1).join(", ")} and ${last}`;
  }
}
