import { sendRefusal } from "../chats/send-refusal.ts";
import type { Message } from "../model/content.ts";
import type { MatrixEvent, Outgoing } from "../model/events.ts";
import { itemsOf } from "../model/items.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { NetworkOutboxRow, Portal } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import { convertMatrixEvent } from "./convert-matrix-event.ts";
import type { MatrixEventContext } from "./event-context.ts";
import { type SceneParts, sceneOf, targetsOf } from "./event-contexts.ts";

interface Parts extends SceneParts {
  readonly homeserver: Homeserver;
}

/** What became of the messages that were to be sent again. */
export type Retried =
  /** Why the person may not write in that chat now. */
  | { readonly kind: "forbidden"; readonly words: string }
  /** `refused`: the network no longer takes these; each has its notice in the room. */
  | { readonly kind: "done"; readonly sent: number; readonly refused: number; readonly unread: number };

/** Sends again what failed, on the person's word only. */
export class Retries {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async waiting(portal: Portal): Promise<number> {
    return (await this.#parts.store.networkOutbox.listFailed(portal)).length;
  }

  /** The messages are read from the homeserver, their text was not kept here; and judged as if written now. */
  async retry(portal: Portal): Promise<Retried> {
    const { store } = this.#parts;
    const { room } = portal;
    const scene = room === undefined ? undefined : await sceneOf(this.#parts, { ...portal, room });
    const count = { sent: 0, refused: 0, unread: 0 };
    if (!scene) return { kind: "forbidden", words: "This chat is closed; its history stays here." };
    const words = sendRefusal(scene.login.user, scene);
    if (words !== undefined) return { kind: "forbidden", words };
    for (const row of await store.networkOutbox.listFailed(portal)) count[await this.#again(row, scene)] += 1;
    return { kind: "done", ...count };
  }

  async #again(
    row: NetworkOutboxRow,
    scene: Omit<MatrixEventContext, "target" | "targetRow" | "reactionTarget" | "newRow">,
  ): Promise<"sent" | "refused" | "unread"> {
    const { store, homeserver, delivery } = this.#parts;
    const written = await homeserver.event(row.room, row.event);
    if (written?.kind !== "message") return "unread";
    const event = { ...written, message: await this.#newest(written) };
    let outcome: "sent" | "refused" = "refused";
    const unmark = await delivery.retried(row);
    const put = (outgoing: Outgoing) => {
      outcome = "sent";
      return (tx: Writes) => {
        tx.networkOutbox.requeue(row, outgoing);
        // The network may give it another id.
        tx.learntIds.forget(row.key, row.remoteId);
        unmark(tx);
      };
    };
    const targets = await targetsOf(store, event, scene.login.id, false);
    // Each goes again under the id that it has.
    const newRow = () => row;
    const requeue = { item: row.item, put };
    await store.write(convertMatrixEvent(event, { ...scene, ...targets, newRow, requeue }));
    return outcome;
  }

  /** What the room shows of a message: it may have been changed since it failed. */
  async #newest({ room, id, message }: Extract<MatrixEvent, { kind: "message" }>): Promise<Message> {
    const { store, homeserver } = this.#parts;
    const edit = (await store.revisions.ofEvent(room, id)).at(-1)?.event;
    const changed = edit && (await homeserver.event(room, edit));
    const one = itemsOf(message).length === 1;
    return one && changed?.kind === "edit" && itemsOf(changed.message).length === 1
      ? changed.message
      : message;
  }
}
