import { z } from "zod";
import { groupTitle } from "../../core/chats/chat-profiles.ts";
import type { CommandScope } from "../../core/command-scope.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { FailedChat } from "../../core/people/failures.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Portal } from "../../core/ports/rows.ts";
import { notFound, Refusal } from "./refusal.ts";
import { type Route, route } from "./route.ts";
import { loginId } from "./shapes.ts";
import { loginsOf } from "./whoami.ts";

type Scope = Pick<CommandScope, "logins" | "store" | "failures">;

const failedMessage = z.object({
  event_id: z.string(),
  at: z.number().int().describe("When it was sent, or sent again last; milliseconds since the epoch"),
  failed_at: z.number().int().optional().describe("When it was given up; absent where that is not known"),
  words: z.string().optional().describe("Why, a sentence or two; absent where that is not known"),
});

const failedChat = z
  .object({
    login_id: loginId,
    network_id: z.string(),
    chat: z.string().describe("The chat's id; opaque"),
    name: z.string().describe("Whom it is with"),
    room: z.string().optional(),
    messages: z.array(failedMessage),
  })
  .meta({ id: "FailedChat" });

const which = z.object({ login: loginId, chat: z.string().max(500) });

/** What could not be delivered, without what it says: that is in its room alone. */
export function failureRoutes({ logins, store, failures }: Scope): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/person/v1/failures",
      id: "getFailures",
      shown: "failures",
      summary: "The person's messages that could not be delivered, by chat.",
      tag: "person",
      answer: z.object({ failures: z.array(failedChat) }),
      async handle({ caller: { user }, networks }) {
        return { failures: (await failures.of(user, networks)).map(shown) };
      },
    }),
    route({
      method: "POST",
      path: "/person/v1/failures/{login}/{chat}/retry",
      id: "retryFailures",
      summary: "Sends again what could not be delivered in a chat.",
      tag: "person",
      params: which,
      answer: z.object({
        sent: z.number().int(),
        refused: z.number().int().describe("The network does not take these; their chat says why"),
        unread: z.number().int().describe("What could not be read again, to be written anew"),
      }),
      async handle({ caller: { user }, networks, params }) {
        const portal = await ownPortal(user, networks, params);
        const retried = await failures.retry(portal);
        if (retried.kind === "done")
          return { sent: retried.sent, refused: retried.refused, unread: retried.unread };
        throw new Refusal({
          status: 403,
          errcode: "M_FORBIDDEN",
          words: `Nothing was sent. ${retried.words}`,
        });
      },
    }),
    route({
      method: "POST",
      path: "/person/v1/failures/{login}/{chat}/discard",
      id: "discardFailures",
      summary: "Offers them no more; in the room they stay as they are.",
      tag: "person",
      params: which,
      answer: z.object({ discarded: z.number().int() }),
      async handle({ caller: { user }, networks, params }) {
        const portal = await ownPortal(user, networks, params);
        return { discarded: await failures.discard(portal) };
      },
    }),
  ];

  async function ownPortal(
    user: UserId,
    networks: readonly Network[],
    { login, chat }: z.output<typeof which>,
  ): Promise<Portal> {
    const own = (await loginsOf(user, networks, logins)).find(({ id }) => id === login);
    const portal = own && (await store.portals.ofLogin(own.id)).find((one) => one.chat === chat);
    if (!portal) throw notFound("You have no such chat.");
    return portal;
  }
}

function shown({ login, portal, name, messages }: FailedChat): z.input<typeof failedChat> {
  const { chat, room } = portal;
  return {
    login_id: login.id,
    network_id: login.network,
    chat,
    name: portal.kind === "group" ? groupTitle(portal) : name,
    ...(room === undefined ? {} : { room }),
    messages: messages.map(({ event, createdAt, failure }) => ({
      event_id: event,
      at: createdAt,
      ...(failure && { failed_at: failure.at, words: failure.words }),
    })),
  };
}
