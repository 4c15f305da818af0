import { BridgeError } from "../model/errors.ts";
import type { MatrixEvent, RemoteEvent, UnplacedDeletion } from "../model/events.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { putAside } from "../runtime/put-aside.ts";
import type { Tell } from "../runtime/tell.ts";
import type { DeliveryStatus } from "./delivery-status.ts";

interface UnstorableEventsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tell: Tell;
  readonly delivery: Pick<DeliveryStatus, "refuse">;
}

type Brought = RemoteEvent | UnplacedDeletion;

const WORDS = "The bridge could not keep it. Please write it another way.";

/**
 * Stores events of either side together, and one by one when one of them cannot be stored. That one is put aside, with a
 * notice to its person, and the others are stored: else either side would bring them again for ever.
 */
export class UnstorableEvents {
  readonly #parts: UnstorableEventsParts;
  /** Ids of events that were put aside: the push and the audit stream bring each event once. */
  readonly #told = new Set<string>();

  constructor(parts: UnstorableEventsParts) {
    this.#parts = parts;
  }

  /** Stores the homeserver's events; `take` stores the given ones, in order. */
  async fromMatrix(
    events: readonly MatrixEvent[],
    take: (some: readonly MatrixEvent[]) => Promise<void>,
  ): Promise<void> {
    await oneByOne(events, take, async (event, reason) => {
      if (this.#told.has(event.id)) return;
      const { store } = this.#parts;
      const { id, room, sender } = event;
      await putAside(this.#parts, {
        direction: "to-network",
        reason,
        ids: { row: id, room },
        network: undefined,
        async deadLetter() {
          const theirs = await store.portals.inRoom(room, sender);
          const portal = theirs ?? (await store.portals.ofRoom(room))[0];
          return { key: portal && { login: portal.login, chat: portal.chat }, ref: id, body: "" };
        },
        done() {},
        tell: async (ended) => {
          const owned = (await store.portals.ofRoom(room))[0] ?? (await store.rooms.owner(room));
          const refuse =
            owned && event.kind !== "member"
              ? this.#parts.delivery.refuse({ room, id, sender }, WORDS)
              : undefined;
          await store.write((tx) => {
            ended(tx);
            refuse?.(tx);
          });
        },
      });
      this.#told.add(id);
    });
  }

  /** Stores a network's events; `take` stores the given ones, in order. */
  async fromNetwork(
    { login, network }: { readonly login: Login; readonly network: Network },
    events: readonly Brought[],
    take: (some: readonly Brought[]) => Promise<void>,
  ): Promise<void> {
    await oneByOne(events, take, async ({ chat, id }, reason) =>
      putAside(this.#parts, {
        direction: "to-matrix",
        reason,
        ids: { row: id, login: login.id },
        network: network.id,
        deadLetter: async () => ({
          key: chat === undefined ? undefined : { login: login.id, chat },
          ref: id,
          body: "",
        }),
        done() {},
        tell: (ended) =>
          this.#parts.tell(
            login.user,
            `Something that a contact sent on ${network.name} could not be kept here. Please look at it in the app it was sent to.`,
            ended,
          ),
      }),
    );
  }
}

async function oneByOne<Event>(
  events: readonly Event[],
  take: (some: readonly Event[]) => Promise<void>,
  giveUp: (event: Event, reason: string) => Promise<void>,
): Promise<void> {
  try {
    return await take(events);
  } catch (error) {
    if (BridgeError.from(error).reason !== "unstorable") throw error;
  }
  for (const event of events) {
    try {
      await take([event]);
    } catch (error) {
      const { reason } = BridgeError.from(error);
      if (reason !== "unstorable") throw error;
      await giveUp(event, reason);
    }
  }
}
