import type { Account } from "../link/account.ts";
import { isBotRoom } from "./room-facts.ts";

/** The direct chat with the bot, made where there is none. */
export async function botRoom(account: Account, botId: string): Promise<string | undefined> {
  const known = account.rooms().find((room) => isBotRoom(room, botId));
  if (known !== undefined) return known.roomId;
  let made: string | undefined;
  await account.does(async (client) => {
    const { room_id: id } = await client.createRoom({
      preset: "trusted_private_chat" as never,
      is_direct: true,
      invite: [botId],
    });
    const direct = client.getAccountData("m.direct" as never)?.getContent<Record<string, string[]>>() ?? {};
    await client.setAccountData(
      "m.direct" as never,
      { ...direct, [botId]: [...(direct[botId] ?? []), id] } as never,
    );
    made = id;
  });
  return made;
}
