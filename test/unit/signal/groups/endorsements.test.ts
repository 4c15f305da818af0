import { expect, test } from "@jest/globals";
import {
  GroupSendDerivedKeyPair,
  GroupSendEndorsementsResponse,
  UuidCiphertext,
} from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { LoginId, PersonId } from "../../../../src/core/model/ids.ts";
import type { GroupServer } from "../../../../src/networks/signal/groups/group-server.ts";
import { decodeState } from "../../../../src/networks/signal/groups/read-state.ts";
import { Endorsements } from "../../../../src/networks/signal/session/groups/endorsements.ts";
import { personNumber, ServerGroup, secrets } from "./server-group.ts";

const [ADA, BOB] = [0, 1].map(personNumber) as [PersonId, PersonId];
const DAY = 86_400_000;
const HOUR = 3_600_000;
const TODAY = 20_000 * DAY;

type Fetched = Awaited<ReturnType<GroupServer["group"]>>;

test("tokens for a group are kept until two hours before they expire, and not asked for again within a minute of failing", async () => {
  const group = new ServerGroup();
  const played = new ServerGroup(1, { members: [ADA, BOB].map((person) => group.member(person)) });
  const { cipher } = played;
  let now = TODAY + HOUR;
  let asked = 0;
  let isAway = false;
  const issued = (): Fetched => {
    asked += 1;
    if (isAway) throw new Error("away");
    const members = [ADA, BOB].map((person) => ({ userId: cipher.userId(person) }));
    const ids = members.map(({ userId }) => new UuidCiphertext(userId));
    const expires = new Date((Math.floor(now / DAY) + 2) * DAY);
    const key = GroupSendDerivedKeyPair.forExpiration(expires, secrets);
    const endorsements = GroupSendEndorsementsResponse.issue(ids, key).serialize();
    return { kind: "group", group: { members, version: 1 }, endorsements } as never;
  };
  const endorsements = new Endorsements({
    context: {
      login: "login" as LoginId,
      own: ADA,
      clock: { now: () => now } as never,
      log: { warn: () => undefined } as never,
    },
    server: { group: async () => issued() },
    zkParams: secrets.getPublicParams(),
  });
  const open = {
    chat: cipher.chat,
    cipher,
    masterKey: new Uint8Array(32),
    stored: undefined,
    state: await decodeState(cipher, played.bytes()),
  };
  const expiry = async () => (await endorsements.of(open))?.for([BOB])?.getExpiration().getTime();

  expect(await expiry()).toBe(TODAY + 2 * DAY);
  now = TODAY + 2 * DAY - 2 * HOUR - 1;
  expect(await expiry()).toBe(TODAY + 2 * DAY);
  expect(asked).toBe(1);
  now += 1;
  expect(await expiry()).toBe(TODAY + 3 * DAY);
  expect(asked).toBe(2);

  now = TODAY + 3 * DAY;
  isAway = true;
  expect(await expiry()).toBeUndefined();
  now += 59_999;
  expect(await expiry()).toBeUndefined();
  expect(asked).toBe(3);
  isAway = false;
  now += 1;
  expect(await expiry()).toBe(TODAY + 5 * DAY);
  expect(asked).toBe(4);
});
