import type { Phone } from "../sandbox/control.ts";
import type { BenchWorld } from "./bench-world.ts";
import { meter } from "./cost.ts";
import { Phones } from "./phones.ts";
import { perSecond, type Result } from "./results.ts";

/** People of the sandbox's load who write in a group, at most. */
const WRITERS = 20;
/** Contacts that are made at once. */
const TOGETHER = 20;

interface BenchGroup {
  readonly jid: string;
  readonly room: string;
  /** A phone of somebody who only reads. */
  readonly reader: Phones;
  readonly writers: number;
}

/** Messages into and out of a group of so many members, in which everybody who writes has the others' keys. */
export async function inGroup(world: BenchWorld, size: number, messages: number): Promise<readonly Result[]> {
  const group = await begin(world, size);
  return [await intoRoom(world, group, size, messages), await ontoPhones(world, group, size, messages)];
}

/** Makes the group, has everybody who is to write do so once, and the person answer. */
async function begin(world: BenchWorld, size: number): Promise<BenchGroup> {
  const { control, homeserver } = world;
  await control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  // The maker and the person are members besides.
  const writers = Math.min(WRITERS, size - 2);
  const contact = (name: string) => control.addContact({ network: "whatsapp", name });
  const maker = await contact(`Maker of ${size}`);
  const silent: Phone[] = [];
  while (silent.length < size - 2 - writers) {
    const count = Math.min(TOGETHER, size - 2 - writers - silent.length);
    const names = Array.from({ length: count }, (_, at) => `Silent ${size}.${silent.length + at}`);
    silent.push(...(await Promise.all(names.map(contact))));
  }
  const jid = await maker.does("createsGroup", {
    name: `Group of ${size}`,
    members: [world.person, ...silent.map(({ externalId }) => externalId)],
    id: `bench-${size}`,
  });
  const before = new Set(await homeserver.ask("portals"));
  await homeserver.ask("mark");
  await writeIn(world, jid, writers, writers);
  await homeserver.ask("heard", writers);
  const [room] = (await homeserver.ask("portals")).filter((portal) => !before.has(portal));
  if (room === undefined) throw new Error("The group has no room.");
  // The bot is there besides. Members who are still on their way would be measured too.
  await homeserver.ask("present", room, size + 1);
  const reader = new Phones([maker]);
  await reader.news();
  await homeserver.ask("flood", 1, [room]);
  await reader.texts(1);
  return { jid, room, reader, writers };
}

const writeIn = (world: BenchWorld, to: string, people: number, messages: number) =>
  world.control.call("POST", "/load", { network: "whatsapp", people, messages, to });

async function intoRoom(
  world: BenchWorld,
  { jid, writers }: BenchGroup,
  size: number,
  messages: number,
): Promise<Result> {
  const used = meter(world);
  await world.homeserver.ask("mark");
  await writeIn(world, jid, writers, messages);
  const { count, first, last } = await world.homeserver.ask("heard", messages);
  return {
    what: `network → Matrix, ${messages.toLocaleString("en")} messages by ${writers} members in one group of ${size}`,
    measured: `${perSecond(count - 1, last - first)}; ${used.each(messages)}`,
    aim: "–",
    limit: "one room, whose messages go one after the other; in direct chats 20 rooms go beside each other",
  };
}

async function ontoPhones(
  world: BenchWorld,
  { room, reader }: BenchGroup,
  size: number,
  messages: number,
): Promise<Result> {
  await reader.news();
  const used = meter(world);
  const { from } = await world.homeserver.ask("flood", messages, [room]);
  const at = await reader.texts(messages);
  return {
    what: `Matrix → network, on a member's phone, ${messages.toLocaleString("en")} messages in one group of ${size}`,
    measured: `${perSecond(messages, (at.at(-1) ?? 0) - from)}; ${used.each(messages)}`,
    aim: "–",
    limit:
      "each waits for the network's word on the one before; the sandbox decrypts it on every member's phone, and each answers with a receipt",
  };
}
