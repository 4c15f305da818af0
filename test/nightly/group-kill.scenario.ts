import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { killInGroup } from "../kit/group-traffic.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import type { TestPerson } from "../kit/world.ts";

describe("killed with -9 over and over while members come and go, nothing is lost, twice or out of order", () => {
  const on = onSynapse({ secrets: [] });
  let ana: TestPerson;
  beforeAll(async () => {
    jest.setTimeout(1_200_000);
    await on.world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
    ana = await on.world.person("Ana", ["whatsapp"]);
  });

  test.each([
    [2, 6],
    [8, 6],
    [300, 4],
  ])(
    "in a group of %d, %d times",
    async (size, kills) => {
      await killInGroup(on.world, ana, { size, each: 15 * kills, kills });
      expect(on.world.leaked([`Member 1 of ${size}`])).toEqual([]);
    },
    1_200_000,
  );
});
