import { isIncomplete } from "../chats/portals.ts";
import type { PortalKey } from "../model/events.ts";
import type { LoginId, MessageId, NetworkId } from "../model/ids.ts";
import { cleanName } from "../model/names.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { GivenUp } from "../runtime/put-aside.ts";
import type { Tell } from "../runtime/tell.ts";

export interface LostEventParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly networks: ReadonlyMap<string, Network>;
  readonly networkOf: (login: LoginId) => NetworkId | undefined;
  /** Tells a person in their management room. */
  readonly tell: Tell;
}

interface LostEvent {
  readonly seq: number;
  readonly key: PortalKey;
  readonly ref: MessageId;
  readonly reason: string;
  readonly name: string | undefined;
  readonly body: () => string;
}

/** How an event ends that cannot be shown: as a dead letter, and its person is told. */
export function lostEvent(parts: LostEventParts, { seq, key, ref, reason, name, body }: LostEvent): GivenUp {
  const { store, outbox, homeserver, encoder } = parts;
  return {
    direction: "to-matrix",
    reason,
    ids: { row: seq, login: key.login, message: ref },
    network: parts.networkOf(key.login),
    deadLetter: async () => ({ key, ref, body: body() }),
    done: (tx) => tx.networkInbox.finish(seq),
    async tell(ended) {
      const login = await store.logins.get(key.login);
      const portal = await store.portals.byChat(key);
      // A room that its person is not invited to yet is no place to tell them.
      const room = portal && !isIncomplete(portal) ? portal.room : undefined;
      const network = login && parts.networks.get(login.network);
      if (room === undefined && network) return parts.tell(login.user, unseenWords(name, network), ended);
      const words =
        "A message of this chat could not be shown here. Please look at it in the app it was sent to.";
      const notice = login && room && outbox.row(room, homeserver.bot, encoder.notice(words));
      return store.write((tx) => {
        if (notice) tx.matrixOutbox.add(notice);
        ended(tx);
      });
    },
  };
}

/** The words for the management room, where the chat has no room. */
function unseenWords(name: string | undefined, { name: network }: Network): string {
  const who = cleanName(name ?? "", "Somebody");
  return `${who} wrote to you on ${network}, but a room for the chat could not be made. Please ask them to write again.`;
}
