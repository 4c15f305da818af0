import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { RoomEvent } from "../../tools/matrix/sync-response.ts";
import { fastest } from "../kit/fastest.ts";
import { type Fault, type Filter, htmlPage, serverError } from "../kit/faulty-proxy.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

describe("a homeserver that fails for ever on some requests, and on no others", () => {
  let world: TestWorld;
  let ana: TestPerson;

  beforeAll(async () => {
    world = await TestWorld.start({ proxied: true });
    ana = await world.person("Ana");
  }, e2eTimeout);

  afterAll(async () => world[Symbol.asyncDispose](), e2eTimeout);

  const says =
    (text: string) =>
    ({ content }: RoomEvent): boolean =>
      content["body"] === text;

  const within =
    (room: string, words: RegExp) =>
    ({ roomId, content }: RoomEvent): boolean =>
      roomId === room && words.test(String(content["body"]));
  const next = (what: string, matches: (event: RoomEvent) => boolean, seconds: number) =>
    ana.client.next(what, matches, seconds);

  const asJson: Fault = {
    kind: "answer",
    status: 500,
    type: "application/json",
    body: JSON.stringify({ errcode: "M_UNKNOWN", error: "Internal server error" }),
  };
  const madeFor =
    (name: string): Filter =>
    (_method, path, body) =>
      path.includes("/createRoom") && body.includes(name);
  const sent =
    (text: string): Filter =>
    (_method, path, body) =>
      path.includes("/send/") && body.includes(text);

  test(
    "passes over what it fails on, with a notice, and carries all else at once",
    async () => {
      const faults: readonly (readonly [string, Fault])[] = [
        ["Anton Page", serverError(500)],
        ["Bea Json", asJson],
        ["Cees Welcome", htmlPage],
        ["Daan Cut", { kind: "cut" }],
      ];
      const poisoned = await Promise.all(faults.map(([name]) => world.contact("whatsapp", name)));
      const other = await world.contact("whatsapp", "Eva Well");
      const later = await world.contact("whatsapp", "Ella Later");
      const chat = await world.contact("messenger", "Fred Room");
      const opened = next("the first message", says("fine"), 60);
      await chat.says(ana.userId, "fine");
      const { roomId } = await opened;

      for (const [name, fault] of faults) world.proxy?.poisons(fault, madeFor(name));
      world.proxy?.poisons(serverError(502), sent("poison-me"));
      const inRoom = (words: RegExp) => next(String(words), within(roomId, words), 90);
      const told = Promise.all([
        ...faults.map(([name]) =>
          next(name, within(ana.management, new RegExp(`^${name} wrote to you`)), 90),
        ),
        inRoom(/^after the poison$/),
        inRoom(/could not be shown here/),
      ]);
      for (const contact of poisoned) await contact.says(ana.userId, "unseen");
      await chat.says(ana.userId, "poison-me");
      await chat.says(ana.userId, "after the poison");
      const shown = next("the other's message", says("hello"), 10);
      await other.says(ana.userId, "hello");
      await shown;
      // One more room that can be made after all of those that cannot were tried: they alone are to blame.
      await pause(2000);
      const last = next("the last one's message", says("hello as well"), 10);
      await later.says(ana.userId, "hello as well");
      await last;
      await told;

      world.proxy?.heals();
      const again = Promise.all(faults.map(([name]) => next(name, says(`seen, ${name}`), 60)));
      for (const [n, contact] of poisoned.entries())
        await contact.says(ana.userId, `seen, ${faults[n]?.[0]}`);
      await again;
    },
    e2eTimeout,
  );

  test(
    "is another thing than one that is away: then nothing is put aside, and all goes on soon after its return",
    async () => {
      /** Three people write for the first time; resolves with what resolves when all of it is shown. */
      const threeWrite = async (...names: readonly string[]) => {
        const contacts = await Promise.all(names.map((name) => world.contact("whatsapp", name)));
        const all = Promise.all(names.map((name) => next(name, says(`from ${name}`), 120)));
        for (const [index, contact] of contacts.entries())
          await contact.says(ana.userId, `from ${names[index]}`);
        return { all };
      };
      let round = 0;
      const delay = async (): Promise<number> => {
        round += 1;
        const began = performance.now();
        await (await threeWrite(`Gerda Here ${round}`, `Hugo Here ${round}`, `Iris Here ${round}`)).all;
        // What the same takes on this machine, at this load, without an outage.
        const ordinary = performance.now() - began;
        world.proxy?.breaks(serverError(502));
        const { all } = await threeWrite(`Gijs Away ${round}`, `Hans Away ${round}`, `Ida Away ${round}`);
        // As long as the outage lasts: longer than all tries of a poisoned request together.
        await pause(40_000);
        world.proxy?.heals();
        const healed = performance.now();
        await all;
        return performance.now() - healed - ordinary;
      };
      expect(await fastest(delay, 3500)).toBeLessThan(3500);
    },
    3 * e2eTimeout,
  );
});
