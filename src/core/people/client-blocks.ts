import { commandTarget } from "../chats/command-target.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { BridgeError, type Reason } from "../model/errors.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { Network } from "../ports/network.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { blockedWords, type ContactActs } from "./contact-acts.ts";

interface ClientBlocksParts {
  readonly store: Store;
  readonly contactActs: Pick<ContactActs, "setBlocked">;
  readonly delivery: Pick<DeliveryStatus, "asked">;
}

interface InChat {
  readonly portal: Portal;
  readonly login: Login;
  readonly network: Network;
  readonly contactName: string;
}

/** Reasons that are about the bridge itself, and not for the person to do anything about. */
const PASSING: ReadonlySet<Reason> = new Set(["stopping", "storage"]);

/** Blocks a chat's contact, or lifts that, where its person's client asks for it there (`com.beeper.block_user`). */
export class ClientBlocks {
  readonly #parts: ClientBlocksParts;

  constructor(parts: ClientBlocksParts) {
    this.#parts = parts;
  }

  async answer(
    event: Extract<MatrixEvent, { readonly kind: "block" }>,
    { portal, login, network, contactName: name }: InChat,
  ): Promise<(tx: Writes) => void> {
    const { store, contactActs, delivery } = this.#parts;
    const { blocked, spam, sender } = event;
    if (portal.kind === "group") {
      const words = `This is a group, and a block is about one person. Write “${blocked ? "block" : "unblock"} ${network.id} …” to the bot with the name of somebody you have a chat with.`;
      return delivery.asked(event, words, "unsupported");
    }
    if (sender !== login.user)
      return delivery.asked(event, `Only ${login.user} can block somebody in this chat.`, "forbidden");
    try {
      await contactActs.setBlocked({ network, portal }, blocked);
    } catch (error) {
      const { reason, words } = BridgeError.from(error);
      if (PASSING.has(reason)) throw error;
      return delivery.asked(event, words, reason);
    }
    const target = await commandTarget(store, portal);
    const said = blockedWords(blocked, { name, network, target });
    // What is handed over with a report is agreed to first, which the event cannot say.
    const report = spam
      ? ` They were not reported: write “report ${target}” to the bot to see what that hands over.`
      : "";
    return delivery.asked(event, said + report);
  }
}
