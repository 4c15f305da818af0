import { join } from "node:path";
import { Pool } from "undici";
import { openManagementRoom, optIn } from "../demo/opt-in.ts";
import { MatrixClient } from "../matrix/client.ts";
import type { RoomEvent } from "../matrix/sync-response.ts";
import { installSynapse } from "../synapse/install.ts";
import { newSettings } from "../world/settings.ts";
import { World } from "../world/world.ts";
import { Phones } from "./phones.ts";
import { percentile, perSecond, type Result } from "./results.ts";
import { chats } from "./throughput.ts";

/** Measures the throughput on Synapse, beside that of bare requests with the bridge's token. */
export async function onSynapse(
  folder: string,
  messages: number,
  rounds: number,
): Promise<readonly Result[]> {
  const python = await installSynapse((line) => console.error(line));
  await using world = new World({
    folder: join(folder, "synapse-world"),
    settings: await newSettings("bench.test"),
    python,
  });
  await world.start();
  const password = "only for the bench";
  const user = await world.register("ana", password, "Ana");
  await using client = await MatrixClient.login({ homeserver: world.homeserver, user, password });
  client.acceptsInvites = true;
  await optIn(client, world.control, world.botId, await openManagementRoom(client, world.botId), "whatsapp");

  const load = async (count: number): Promise<readonly RoomEvent[]> => {
    const before = contacts(client).length;
    await world.control.call("POST", "/load", {
      network: "whatsapp",
      people: chats,
      messages: count,
      to: user,
    });
    while (contacts(client).length < before + count) await client.next("a message", isContact, 120);
    return contacts(client).slice(before);
  };
  const rooms = await load(chats);
  const bare: number[] = [];
  const bridged: number[] = [];
  // The two are measured alternately, so that neither gets the fresher homeserver.
  for (let round = 0; round < rounds; round++) {
    bare.push(await bareSends(world, rooms, messages));
    const at = (await load(messages)).map((event) => event.at).sort((a, b) => a - b);
    bridged.push(((at.length - 1) * 1000) / ((at.at(-1) ?? 0) - (at[0] ?? 0)));
  }
  const phones = await Phones.of(world.control);
  await phones.news();
  const from = Date.now();
  await inParallel(rooms, messages, async ({ roomId }, index) => {
    await client.say(roomId, `Message ${index} of the bench`);
  });
  const said = Date.now() - from;
  const arrived = await phones.texts(messages);
  const ratio = percentile(bridged, 0.5) / percentile(bare, 0.5);
  const rate = (values: readonly number[]) => perSecond(percentile(values, 0.5), 1000);
  return [
    {
      what: `network → Matrix on Synapse, ${rounds} × ${messages} messages in ${chats} chats, beside bare sends`,
      measured: `${rate(bridged)} beside ${rate(bare)}: ${ratio.toFixed(2)}`,
      aim: "0.9",
      limit: "Synapse's database, at two more small questions for a transaction id that outlives its restart",
    },
    {
      what: "Matrix → network on Synapse, beside the person's own sends",
      measured: `${perSecond(messages, (arrived.at(-1) ?? 0) - from)} beside ${perSecond(messages, said)}`,
      aim: "0.9",
      limit: "Synapse",
    },
  ];
}

const isContact = ({ type, sender }: RoomEvent): boolean =>
  type === "m.room.message" && sender.startsWith("@_tpc_");
const contacts = (client: MatrixClient): readonly RoomEvent[] => client.timeline.filter(isContact);

/** How many messages a second Synapse takes in bare requests of ghosts. */
async function bareSends(world: World, rooms: readonly RoomEvent[], messages: number): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const pool = new Pool(world.homeserver, { connections: chats, pipelining: 1 });
  stack.defer(() => pool.destroy());
  const headers = { authorization: `Bearer ${world.tokens.as}`, "content-type": "application/json" };
  const run = crypto.randomUUID();
  const from = performance.now();
  await inParallel(rooms, messages, async ({ roomId, sender }, index) => {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${run}${index}`;
    const body = JSON.stringify({ msgtype: "m.text", body: `message ${index}`, "m.mentions": {} });
    const query = { user_id: sender };
    const answer = await pool.request({ method: "PUT", path, query, headers, body });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`Synapse answered a bare send with ${answer.statusCode}.`);
  });
  return (messages * 1000) / (performance.now() - from);
}

/** Sends to all rooms in parallel, one message at a time in each, as the bridge does. */
async function inParallel(
  rooms: readonly RoomEvent[],
  messages: number,
  send: (room: RoomEvent, index: number) => Promise<void>,
): Promise<void> {
  await Promise.all(
    rooms.map(async (room, lane) => {
      for (let index = lane; index < messages; index += rooms.length) await send(room, index);
    }),
  );
}
