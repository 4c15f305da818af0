import { setTimeout as pause } from "node:timers/promises";
import type { MatrixClient } from "../matrix/client.ts";
import type { RoomEvent } from "../matrix/sync-response.ts";
import type { SandboxControl } from "../sandbox/control.ts";
import type { NetworkName } from "../world/networks.ts";

const bodyOf = ({ content }: RoomEvent): string =>
  typeof content["body"] === "string" ? content["body"] : "";

/** Opens the direct chat with the bot, as a person would, and answers the room once the bot is in it. */
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

/** Says something to the bot and answers its first notice from then on that matches. */
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

/** Reads the notice, says yes, and waits until the network has the person online. */
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

/** Waits until the sandbox has the person connected on the network, with keys that others can write to. */
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
