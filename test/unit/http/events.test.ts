import { expect, test } from "@jest/globals";
import { z } from "zod";
import type { UserId } from "../../../src/core/model/ids.ts";
import { eventRoutes } from "../../../src/http/provisioning/events.ts";
import { type RawCall, route } from "../../../src/http/provisioning/route.ts";
import { settle, VirtualClock } from "../../kit/virtual-clock.ts";

const ANA = "@ana:test" as UserId;

/** Pages of one person that look at something, which takes `took` milliseconds to look at. */
function pages({ took = 0 } = {}) {
  const clock = new VirtualClock();
  let spent = 0;
  const passing = {
    now: () => clock.now() + spent,
    after: (ms: number, act: () => void) => clock.after(ms, act),
  };
  const looks = { count: 0, value: 0 };
  const shown = route({
    method: "GET",
    path: "/value",
    id: "getValue",
    summary: "",
    tag: "person",
    shown: "value",
    answer: z.object({ value: z.number() }),
    async handle() {
      looks.count += 1;
      spent += took;
      return { value: looks.value };
    },
  });
  const [events] = eventRoutes([shown], { clock: passing, logins: { of: async () => [] } as never });
  const asked = async (since?: string): Promise<{ at: string; changed: string[] }> => {
    const call: RawCall = {
      caller: { user: ANA, isAdmin: false },
      networks: [],
      params: {},
      query: since === undefined ? {} : { since },
      body: undefined,
      signal: new AbortController().signal,
    };
    return (await events?.run(call))?.body as { at: string; changed: string[] };
  };
  return { clock, looks, asked };
}

test("all pages of a person look together, and each hears of what changed", async () => {
  const { clock, looks, asked } = pages();
  const { at } = await asked();
  const answers = Array.from({ length: 6 }, () => asked(at));
  await settle();
  looks.count = 0;
  await clock.advance(15_000);
  expect(looks.count).toBe(10);
  looks.value = 1;
  await clock.advance(1_500);
  for (const { changed } of await Promise.all(answers)) expect(changed).toEqual(["value"]);
  expect(looks.count).toBe(11);
});

test("what takes long to look at is looked at less often", async () => {
  const { clock, looks, asked } = pages({ took: 200 });
  const { at } = await asked();
  const answer = asked(at);
  await settle();
  looks.count = 0;
  await clock.advance(30_000);
  expect((await answer).changed).toEqual([]);
  expect(looks.count).toBeLessThanOrEqual(7);
});
