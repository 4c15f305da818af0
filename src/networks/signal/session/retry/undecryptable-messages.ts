import { z } from "zod";
import type { ChatId, LoginId, PersonId } from "../../../../core/model/ids.ts";
import type { Store } from "../../../../core/ports/store.ts";
import { UndecryptableList } from "../../../undecryptable-list.ts";
import { loginScope } from "../../record-scopes.ts";

const NAME = "undecryptable";
/** Milliseconds to wait for the message, by the number of requests sent. */
const DELAYS = [10_000, 30_000, 60_000];
export const LONGEST_DELAY = 60_000;

const schema = z.array(
  z.object({
    sender: z.string().transform((text) => text as PersonId),
    /** Absent for the one between our person and the sender. */
    chat: z
      .string()
      .transform((text) => text as ChatId)
      .optional(),
    /** By the sender's clock, and by the server's; milliseconds since the epoch. */
    timestamp: z.number(),
    at: z.number(),
    /** The request, as it is sent, in base64. */
    request: z.string(),
    /** Whether its sender expects that it be shown: others are only asked for. */
    shown: z.boolean(),
    /** Requests sent. */
    count: z.number(),
    /** When the wait ends, milliseconds since the epoch. */
    until: z.number(),
  }),
);
export type UndecryptableMessage = Readonly<z.output<typeof schema>[number]>;

type Named = Pick<UndecryptableMessage, "sender" | "timestamp">;

/** The `count` of an entry is the number of its latest request. */
export class UndecryptableMessages extends UndecryptableList<Named, UndecryptableMessage> {
  static async load(store: Store, login: LoginId): Promise<UndecryptableMessages> {
    const scope = loginScope(login);
    const parsed = schema.safeParse(await UndecryptableList.stored(store, scope, NAME));
    return new UndecryptableMessages(
      { scope, name: NAME, delays: DELAYS, keyOf: ({ sender, timestamp }) => `${sender} ${timestamp}` },
      parsed.success ? parsed.data : [],
    );
  }
}
