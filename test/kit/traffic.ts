import { expect } from "@jest/globals";
import type { MatrixClient } from "../../tools/matrix/client.ts";
import type { RoomEvent } from "../../tools/matrix/sync-response.ts";
import type { Phone } from "../../tools/sandbox/control.ts";
import { secondOpinion } from "./second-opinion.ts";
import type { TestPerson, TestWorld } from "./world.ts";

interface Chat {
  readonly phone: Phone;
  /** By whom the contact knows our person. */
  readonly self: string;
  readonly roomId: string;
  readonly ghost: string;
}

/** Resolves when a share (0 to 1) of the messages has been sent, for a fault to happen then. */
export type Moment = (share: number) => Promise<void>;

/**
 * Sends `total` numbered messages each way, spread over one chat a phone, while `faults` runs; then judges
 * by what the phones and another maker's Matrix client show: nothing lost, nothing twice, nothing out of order.
 *
 * @param self by whom contacts know our person.
 */
export async function carryThrough(
  world: TestWorld,
  person: TestPerson,
  phones: readonly Phone[],
  total: number,
  faults: (moment: Moment) => Promise<void>,
  self: string = person.userId,
): Promise<void> {
  const chats = await Promise.all(phones.map((phone) => openChat(person, phone, self)));
  const each = Math.ceil(total / chats.length);
  const progress = counter(each * chats.length * 2);
  await Promise.all([
    faults(progress.moment),
    ...chats.map((chat) => fromPhone(chat, each, progress.count)),
    ...chats.map((chat) => fromMatrix(person.client, chat, each, progress.count)),
  ]);
  // On a busy machine most of it is still to be handled.
  const patience = Math.max(120, total);
  await Promise.all(chats.map((chat) => fence(person, chat, patience)));
  for (const chat of chats) await judge(world, person, chat, each);
}

async function openChat({ client }: TestPerson, phone: Phone, self: string): Promise<Chat> {
  const text = `opening of ${phone.person}`;
  const shown = client.next(text, ({ content }) => content["body"] === text);
  await phone.says(self, text);
  const { roomId, sender } = await shown;
  return { phone, self, roomId, ghost: sender };
}

/** Counts what is sent of a total. */
export function counter(total: number): { readonly count: () => void; readonly moment: Moment } {
  let sent = 0;
  const waiting = new Set<{ readonly at: number; readonly resolve: () => void }>();
  return {
    count() {
      sent += 1;
      for (const waiter of waiting) if (sent >= waiter.at) waiter.resolve();
    },
    moment(share) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (sent >= total * share) resolve();
      else waiting.add({ at: total * share, resolve });
      return promise;
    },
  };
}

async function fromPhone({ phone, self }: Chat, count: number, done: () => void): Promise<void> {
  for (let number = 0; number < count; number++) {
    await phone.saysUntilTaken(self, `from the phone ${number}`);
    done();
  }
}

async function fromMatrix(
  client: MatrixClient,
  { roomId }: Chat,
  count: number,
  done: () => void,
): Promise<void> {
  for (let number = 0; number < count; number++) {
    await client.sayUntilTaken(roomId, `from Matrix ${number}`);
    done();
  }
}

/** Sends a last message each way; repeats of others would come before it. */
async function fence(
  { client }: TestPerson,
  { phone, self, roomId, ghost }: Chat,
  seconds: number,
): Promise<void> {
  const isFence = (event: RoomEvent): boolean =>
    event.roomId === roomId && event.sender === ghost && event.content["body"] === "fence";
  const shown = client.next("the fence", isFence, seconds);
  await phone.saysUntilTaken(self, "fence");
  await client.sayUntilTaken(roomId, "fence");
  await Promise.all([shown, phone.hears("fence", { seconds })]);
}

async function judge({ world }: TestWorld, person: TestPerson, chat: Chat, count: number): Promise<void> {
  const numbered = (from: string): readonly string[] =>
    Array.from({ length: count }, (_, number) => `from ${from} ${number}`);
  const { items } = await chat.phone.inbox();
  const heard = items
    .filter(({ kind, repeat }) => kind === "text" && repeat !== true)
    .map(({ text }) => text);
  expect(heard).toEqual([...numbered("Matrix"), "fence"]);

  const localpart = person.userId.slice(1, person.userId.indexOf(":"));
  const shown = await secondOpinion(world.homeserver, localpart, `${localpart}-password`, chat.roomId);
  const fromGhost = shown.filter(({ sender }) => sender === chat.ghost).map(({ body }) => body);
  expect(fromGhost).toEqual([`opening of ${chat.phone.person}`, ...numbered("the phone"), "fence"]);
  const others = shown.filter(({ sender }) => sender !== chat.ghost && sender !== person.userId);
  expect(others).toEqual([]);
}
