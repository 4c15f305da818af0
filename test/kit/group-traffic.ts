import { setTimeout as pause } from "node:timers/promises";
import { expect } from "@jest/globals";
import type { Phone } from "../../tools/sandbox/control.ts";
import { secondOpinion } from "./second-opinion.ts";
import type { TestPerson, TestWorld } from "./world.ts";

/** The most members who write, and whose phones are judged. */
const MOST_WRITERS = 3;

interface GroupTraffic {
  /** Members, our person among them. */
  readonly size: number;
  /** Messages of each writer, and of our person. */
  readonly each: number;
  readonly kills: number;
}

/** Adds a group of this size to a world whose network grants groups; answers those who write in it, the maker first. */
async function makeGroup({ world, person, size }: { world: TestWorld; person: TestPerson; size: number }) {
  const members: Phone[] = [];
  for (let number = 1; number < size; number++)
    members.push(await world.contact("whatsapp", `Member ${number} of ${size}`));
  const [maker, ...others] = members;
  if (!maker) throw new Error("a group has two members");
  const names = [person.userId, ...others.map(({ externalId }) => externalId)];
  const id = await maker.does("createsGroup", { name: `Group of ${size}`, members: names, id: `of-${size}` });
  return { id, maker, writers: members.slice(0, MOST_WRITERS) };
}

/** Tries until the sandbox takes it. */
async function insist(act: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await act();
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await pause(100);
    }
  }
}

/**
 * Kills the bridge while members and our person write in a group and somebody is added, promoted, demoted and removed;
 * then judges by the phones and another maker's client: nothing lost, nothing twice, in order.
 */
export async function killInGroup(
  world: TestWorld,
  person: TestPerson,
  { size, each, kills }: GroupTraffic,
): Promise<void> {
  const { id, maker, writers } = await makeGroup({ world, person, size });
  const guest = await world.contact("whatsapp", `Guest of ${size}`);
  const ghosts = new Map<Phone, string>();
  let roomId = "";
  for (const phone of writers) {
    const opening = `opening of ${phone.person}`;
    const shown = person.client.next(opening, ({ content }) => content["body"] === opening, 60);
    await phone.says(id, opening);
    const event = await shown;
    ghosts.set(phone, event.sender);
    roomId = event.roomId;
  }
  const progress = { done: 0 };
  const all = each * (writers.length + 1);
  const reached = async (share: number): Promise<void> => {
    while (progress.done < all * share) await pause(20);
  };
  const fromPhone = async (phone: Phone): Promise<void> => {
    for (let number = 0; number < each; number++, progress.done++)
      await phone.saysUntilTaken(id, `from ${phone.person} ${number}`);
  };
  const fromMatrix = async (): Promise<void> => {
    for (let number = 0; number < each; number++, progress.done++)
      await person.client.sayUntilTaken(roomId, `from Matrix ${number}`);
  };
  const moves = async (): Promise<void> => {
    const member = guest.externalId;
    for (let round = 0; progress.done < all; round++) {
      for (const verb of ["adds", "promotes", "demotes", "removes"])
        await insist(() => maker.does(verb, { group: id, member }));
      await insist(() => maker.does("renamesGroup", { group: id, name: `Group of ${size}, ${round}` }));
      await pause(200);
    }
  };
  const faults = async (): Promise<void> => {
    for (let kill = 1; kill <= kills; kill++) {
      await reached(kill / (kills + 1));
      await world.world.bridge.kill("SIGKILL");
      await world.world.startBridge();
    }
  };
  await Promise.all([...writers.map(fromPhone), fromMatrix(), moves(), faults()]);

  const fences = writers.map((phone) => {
    const isFence = (event: { roomId: string; sender: string; content: Record<string, unknown> }) =>
      event.roomId === roomId && event.sender === ghosts.get(phone) && event.content["body"] === "fence";
    return person.client.next("the fence", isFence, 120);
  });
  for (const phone of writers) await phone.saysUntilTaken(id, "fence");
  await person.client.sayUntilTaken(roomId, "the end");
  await Promise.all([...fences, ...writers.map((phone) => phone.hears("the end", { seconds: 120 }))]);

  const numbered = (who: string) => Array.from({ length: each }, (_, number) => `from ${who} ${number}`);
  for (const phone of writers) {
    const { items } = await phone.inbox();
    const heard = items.filter(
      ({ kind, repeat, chat, from }) =>
        kind === "text" && repeat !== true && chat === id && from === person.userId,
    );
    expect(heard.map(({ text }) => text)).toEqual([...numbered("Matrix"), "the end"]);
  }
  const localpart = person.userId.slice(1, person.userId.indexOf(":"));
  const shown = await secondOpinion(world.world.homeserver, localpart, `${localpart}-password`, roomId);
  for (const phone of writers) {
    const said = shown.filter(({ sender }) => sender === ghosts.get(phone)).map(({ body }) => body);
    expect(said).toEqual([`opening of ${phone.person}`, ...numbered(phone.person), "fence"]);
  }
  const known = new Set([...ghosts.values(), person.userId, world.botId]);
  expect(shown.filter(({ sender }) => !known.has(sender))).toEqual([]);
  expect(await world.control.violations()).toEqual({ violations: [] });
}
