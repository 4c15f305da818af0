import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { LinkedWorld, QUILL } from "../kit/linked-world.ts";
import { settle } from "../kit/virtual-clock.ts";

describe("logging in by a code ends", () => {
  test("turning the network off ends it too", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    await world.says(ANA, room, "disable quill yes");
    expect(it.last(room)).toContain("That was ended, and nothing was turned on.");
    expect(it.codesIn(room)).toEqual([]);
    expect(quill.open).toBe(0);
  });

  test("a network that is turned off while it is being connected is not said to be on", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    const room = await it.scanning(ANA);
    quill.initially = { kind: "connecting" };
    quill.scan("+31611");
    await settle();
    expect(await world.store.logins.of(ANA, QUILL)).toHaveLength(1);
    await world.says(ANA, room, "disable quill yes");
    await world.clock.advance(20_000);
    expect(world.homeserver.shown(room).slice(-2)).toEqual([
      expect.stringContaining("Quill is off: your registration there"),
      "bot: Quill was turned off meanwhile. Write “enable quill” to turn it on again.",
    ]);
  });

  test.each([
    [
      "it is scanned",
      (it: LinkedWorld) => it.quill.scan("+31611"),
      "bot: Quill is not turned on. The disk is full.",
    ],
    [
      "the phone refuses",
      (it: LinkedWorld) => it.quill.refuses("Not this one."),
      "bot: Quill is not turned on. Not this one.",
    ],
  ])(
    "where nothing can be stored as %s, it is said and the code taken away as soon as it can",
    async (_, act, said) => {
      await using it = await LinkedWorld.start();
      const { world, quill } = it;
      const room = await it.scanning(ANA);
      world.diskFull = true;
      act(it);
      await world.clock.advance(40_000);
      expect(it.codesIn(room)).toHaveLength(1);
      world.diskFull = false;
      await world.clock.advance(40_000);
      expect(it.codesIn(room)).toEqual([]);
      expect(it.last(room)).toBe(`${said} Write “enable quill” to begin again.`);
      expect(quill.open).toBe(0);
      await world.restart();
      expect(it.last(room)).toContain("Quill is not turned on.");
    },
  );

  test("a code that could not be taken away when that was cancelled is taken away by the next cancel", async () => {
    await using it = await LinkedWorld.start();
    const { world } = it;
    const room = await it.scanning(ANA);
    world.spoiled = (tx) => ({
      ...tx,
      records: {
        ...tx.records,
        remove(scope, name) {
          if (scope === "shown-code")
            throw new BridgeError("storage", { words: "The disk is full.", certain: true });
          tx.records.remove(scope, name);
        },
      },
    });
    await world.says(ANA, room, "cancel");
    expect(it.codesIn(room)).toHaveLength(1);
    world.spoiled = (tx) => tx;
    await world.says(ANA, room, "cancel");
    expect(it.codesIn(room)).toEqual([]);
  });

  test("an administrator who turns all off for somebody ends it too, and the code is taken away", async () => {
    await using it = await LinkedWorld.start();
    const { world, quill } = it;
    world.admins.add(BEN);
    const administration = await world.meets(BEN);
    const room = await it.scanning(ANA);
    await world.says(BEN, administration, `remove ${ANA}`);
    expect(it.codesIn(room)).toEqual([]);
    expect(it.last(room)).toContain("That was ended, and nothing was turned on.");
    expect(it.last(administration)).toBe(`bot: ${ANA} has no network on.`);
    expect(quill.open).toBe(0);
  });
});
