import { setTimeout as pause } from "node:timers/promises";
import type { MatrixClient } from "../matrix/client.ts";
import type { RoomEvent } from "../matrix/sync-response.ts";
import type { SandboxControl } from "../sandbox/control.ts";
import type { NetworkName } from "../world/networks.ts";

const bodyOf = ({ content }: RoomEvent): string =>
  typeof content["body"] === "string" ? content["body"] : "";

/** Opens a direct chat with the bot; answers the room when the bot has joined. */
export async function openManagementRoom(client: MatrixClient, botId: string): Promise<string> {
  const joined = client.next(
    "the bot to join",
    ({ type, stateKey, content }) =>
      type === "m.room.member" && stateKey === botId && content["membership"] === "join",
  );
  const room = await client.createDirectChat(botId);
  await joined;
  return room;
}

/** Writes to the bot; answers its next notice that matches. */
export async function askBot(
  client: MatrixClient,
  botId: string,
  room: string,
  text: string,
  matches: RegExp,
): Promise<string> {
  const answer = client.next(
    `the bot's answer to “${text}”`,
    (event) =>
      event.roomId === room &&
      event.sender === botId &&
      event.type === "m.room.message" &&
      matches.test(bodyOf(event)),
  );
  await client.say(room, text);
  return bodyOf(await answer);
}

/** Enables a network by its commands, and waits until the person is online there. */
export async function optIn(
  client: MatrixClient,
  control: SandboxControl,
  botId: string,
  room: string,
  network: NetworkName,
): Promise<void> {
  await askBot(client, botId, room, `enable ${network}`, /\byes\b/i);
  await client.say(room, "yes");
  await untilConnected(control, network, client.userId);
}

/** Waits until the person is connected to the sandbox and has uploaded keys. */
export async function untilConnected(
  control: SandboxControl,
  network: NetworkName,
  visibleId: string,
  seconds = 30,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const user = (await control.users()).find(
      (each) => each.network === network && each.visible_id === visibleId,
    );
    if (user?.connected === true && user.prekeys > 0 && user.kyber_prekeys > 0) return;
    if (Date.now() > deadline)
      throw new Error(`${visibleId} did not come online on ${network} in ${seconds} s`);
    await pause(100);
  }
}
