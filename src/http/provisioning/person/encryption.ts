import { z } from "zod";
import { groupTitle, nameOf } from "../../../core/chats/chat-profiles.ts";
import type { EncryptableChat } from "../../../core/chats/encryption/chat-encryption.ts";
import type { CommandScope } from "../../../core/command-scope.ts";
import type { RoomId, UserId } from "../../../core/model/ids.ts";
import type { Network } from "../../../core/ports/network.ts";
import { notFound, Refusal } from "../refusal.ts";
import { type Route, route } from "../route.ts";
import { empty, loginId } from "../shapes.ts";

type Scope = Pick<CommandScope, "encryption" | "homeserver" | "store" | "scheduler">;

const chat = z
  .object({
    room: z.string(),
    name: z.string(),
    login_id: loginId.optional().describe("Absent for the chat with the bot"),
    network_id: z.string().optional(),
    encrypted: z.boolean(),
    can: z.boolean().describe("Whether the person may encrypt it"),
  })
  .meta({ id: "EncryptableChat" });

/** The encryption between a person's clients and the bridge. */
export function encryptionRoutes({ encryption, homeserver, store, scheduler }: Scope): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/person/v1/encryption",
      id: "getEncryption",
      shown: "encryption",
      summary:
        "Whether the bridge reads encrypted rooms, its bot's key, and which of the person's chats are encrypted.",
      tag: "person",
      answer: z.object({
        available: z.boolean(),
        bot: z.string(),
        bot_key: z
          .string()
          .optional()
          .describe("The bot's public device key in groups of four, as clients show it"),
        chats: z.array(chat),
      }),
      async handle({ caller: { user }, networks }) {
        const bot = homeserver.bot;
        const key = await encryption.fingerprint();
        if (key === undefined) return { available: false, bot, chats: [] };
        const shown: z.input<typeof chat>[] = [];
        const own = await store.rooms.of(user);
        if (own !== undefined) {
          const encrypted = await encryption.has(own);
          shown.push({ room: own, name: bot, encrypted, can: !encrypted });
        }
        for (const one of await chatsOf(user, networks)) {
          await scheduler.yield();
          const { portal, room, encrypted, login } = one;
          shown.push({
            room,
            name: portal.kind === "group" ? groupTitle(portal) : await nameOf(store, portal),
            login_id: login.id,
            network_id: portal.network,
            encrypted,
            can: (await encryption.refusal(portal)) === undefined,
          });
        }
        return { available: true, bot, bot_key: key, chats: shown };
      },
    }),
    route({
      method: "PUT",
      path: "/person/v1/encryption/{room}",
      id: "encryptChat",
      summary: "Encrypts a chat of the person's for good: it cannot be undone.",
      tag: "person",
      params: z.object({ room: z.string().max(255).describe("The chat's room") }),
      body: z.object({ encrypted: z.literal(true) }),
      answer: empty,
      refuses: [409, 502],
      async handle({ caller: { user }, networks, params }) {
        const room = params.room as RoomId;
        if ((await store.rooms.of(user)) === room) await encryption.switchOn(room);
        else {
          const found = (await chatsOf(user, networks)).find((one) => one.room === room);
          if (!found) throw notFound("You have no chat in such a room.");
          if (found.encrypted) return {};
          const words = await encryption.refusal(found.portal);
          if (words !== undefined) throw new Refusal({ status: 409, errcode: "M_BAD_STATE", words });
          await encryption.switchOn(room);
        }
        return {};
      },
    }),
  ];

  async function chatsOf(
    user: UserId,
    networks: readonly Pick<Network, "id">[],
  ): Promise<readonly EncryptableChat[]> {
    const chats: EncryptableChat[] = [];
    for (const { id } of networks)
      for (const login of await store.logins.of(user, id))
        if (login.state === "active") chats.push(...(await encryption.of(login)));
    return chats;
  }
}
