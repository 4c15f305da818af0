import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { chatOfGroup } from "../../kit/signal/group-stage.ts";
import { signalStage } from "../../kit/signal/stage.ts";

/** Members beside our person; 300 take some seven seconds, most of them to make the people. */
const MEMBERS = Number(process.env["SIGNAL_MEMBERS"] ?? 60);

const stage = signalStage();
let members: readonly Person[];
/** The calls that the server got, by their last names. */
const calls: string[] = [];
beforeAll(async () => {
  const { mock } = stage.world;
  mock.server.onRequest = (path) => {
    calls.push(path.slice(path.lastIndexOf("/") + 1));
  };
  const others = Array.from({ length: MEMBERS - 1 }, (_, index) => mock.person(`Lid ${index}`));
  members = [stage.wim, ...(await Promise.all(others))];
}, 60_000);

describe(`a group of ${MEMBERS} members`, () => {
  test("gets the key once each, and then each message by one request for all of them", async () => {
    const { session, world, wim, phone } = stage;
    const played = await world.mock.createGroup("Groot", wim, phone, ...members.slice(1));
    const { timestamp } = await played.says(wim, "begins");
    await stage.event("message", timestamp);
    const before = members.map(({ journal }) => journal.entries.length);
    const took = async (text: string): Promise<number> => {
      const from = performance.now();
      await session.saysIn(chatOfGroup(played), text);
      return Math.round(performance.now() - from);
    };
    const first = await took("first");
    calls.length = 0;
    const second = await took("second");
    if (process.env["SIGNAL_MEMBERS"] !== undefined)
      process.stderr.write(
        `${MEMBERS} members: ${first} ms for the first message, ${second} ms for the second\n`,
      );
    // The other is for our own phone.
    expect(calls.toSorted()).toEqual(["SendMultiRecipientMessage", "SendSyncMessage"]);
    for (const [index, person] of members.entries()) {
      await person.hears("second");
      const got = person.journal.entries.slice(before[index]);
      const keys = got.filter(({ content }) => (content?.senderKeyDistributionMessage?.length ?? 0) > 0);
      expect([got.length, keys.length]).toEqual([3, 1]);
    }
  }, 60_000);
});
