import { z } from "zod";
import type { ChatId, LoginId, MessageId, PersonId } from "../../../../core/model/ids.ts";
import type { Store } from "../../../../core/ports/store.ts";
import { UndecryptableList } from "../../../undecryptable-list.ts";
import { loginScope } from "../../record-scopes.ts";

const NAME = "undecryptable";
/** Milliseconds to wait for the message, by the number of retry receipts sent. */
const DELAYS = [10_000, 20_000, 40_000, 60_000, 60_000];
export const LONGEST_RETRY_DELAY = 60_000;
/** The most retry receipts for one message. */
export const MAX_RETRIES = DELAYS.length;

const schema = z.array(
  z.object({
    /** The group it was sent to; absent in a direct chat. */
    group: z
      .string()
      .transform((text) => text as ChatId)
      .optional(),
    sender: z.string().transform((text) => text as PersonId),
    id: z.string().transform((text) => text as MessageId),
    /** Milliseconds since the epoch, and the `t` of the stanza. */
    at: z.number(),
    t: z.string(),
    name: z.string().optional(),
    /** Retry receipts sent. */
    count: z.number(),
    /** When the wait ends, milliseconds since the epoch. */
    until: z.number(),
  }),
);
export type UndecryptableMessage = Readonly<z.output<typeof schema>[number]>;

type Named = Pick<UndecryptableMessage, "group" | "sender" | "id">;

/** The `count` of an entry is the number of its latest retry receipt. */
export class UndecryptableMessages extends UndecryptableList<Named, UndecryptableMessage> {
  static async load(store: Store, login: LoginId): Promise<UndecryptableMessages> {
    const scope = loginScope(login);
    const parsed = schema.safeParse(await UndecryptableList.stored(store, scope, NAME));
    return new UndecryptableMessages(
      {
        scope,
        name: NAME,
        delays: DELAYS,
        keyOf: ({ group = "", sender, id }) => `${group} ${sender} ${id}`,
      },
      parsed.success ? parsed.data : [],
    );
  }
}
