import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { ChatId, MessageId } from "../../../src/core/model/ids.ts";
import {
  chatWith,
  groupChat,
  groupIdIn,
  isGroupChat,
  isNumberOnly,
  messageIdOf,
  messageNameOf,
  newMessageId,
  personIn,
  personOf,
  serviceIdOf,
} from "../../../src/networks/signal/ids.ts";

const serviceIds = fc.tuple(fc.uuid(), fc.boolean()).map(([uuid, isPni]) => (isPni ? `PNI:${uuid}` : uuid));

const known = (serviceId: string) => {
  const person = personOf(serviceId);
  if (person === undefined) throw new Error(`${serviceId} is nobody's`);
  return person;
};

describe("Signal's ids", () => {
  test("a person is their service id, and back", () => {
    fc.assert(
      fc.property(serviceIds, (serviceId) => {
        const person = known(serviceId);
        expect(serviceIdOf(person)).toBe(serviceId);
        expect(personOf(serviceId.replace(/[^:]+$/, (uuid) => uuid.toUpperCase()))).toBe(person);
        expect(person).toMatch(/^[a-z0-9.-]+$/);
        expect(isNumberOnly(person)).toBe(serviceId.startsWith("PNI:"));
        expect(personIn(chatWith(person))).toBe(person);
      }),
    );
  });

  test("a group's chat tells its id and no other chat has one", () => {
    const ids = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(ids, serviceIds, (id, serviceId) => {
        const chat = groupChat(id);
        expect(groupIdIn(chat)).toEqual(id);
        expect(() => personIn(chat)).toThrow("not one between two");
        expect(groupIdIn(chatWith(known(serviceId)))).toBeUndefined();
        expect(groupIdIn(chat.slice(0, -1) as ChatId)).toBeUndefined();
        expect([chat, chatWith(known(serviceId))].map(isGroupChat)).toEqual([true, false]);
      }),
    );
  });

  test("what is no service id is nobody's", () => {
    for (const text of [undefined, "", "PNI:", "pni.", "ana", "PNI:PNI:x", `${"0".repeat(8)}-0`])
      expect(personOf(text)).toBeUndefined();
    expect(() => personIn("group" as ChatId)).toThrow("not one between two");
  });

  test("a message is its author and time, and back", () => {
    fc.assert(
      fc.property(serviceIds, fc.integer({ min: 0, max: 8.64e15 }), (serviceId, timestamp) => {
        const name = { author: known(serviceId), timestamp };
        expect(messageNameOf(messageIdOf(name))).toEqual(name);
      }),
    );
  });

  test("what others made is no message's name", () => {
    const { author } = { author: known("11111111-2222-4333-8444-555555555555") };
    for (const id of [
      "",
      "x",
      "x/1",
      `${author}/`,
      `${author}/-1`,
      `${author}/1/2`,
      `${author}/9640000000000001`,
    ])
      expect(messageNameOf(id as MessageId)).toBeUndefined();
  });

  test("of messages at one time each gets a time of its own", () => {
    const own = known("11111111-2222-4333-8444-555555555555");
    const ids = [0, 1, 2].map((taken) => newMessageId(own, { at: 1_000, taken }));
    expect(ids.map((id) => messageNameOf(id)?.timestamp)).toEqual([1_000, 1_001, 1_002]);
  });
});
