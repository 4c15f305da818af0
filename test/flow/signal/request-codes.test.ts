import { afterEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
afterEach(() => stage.world.mock.server.faults.clear());

const BROKE = "The connection to Signal broke. It is tried again by itself.";
const NOT_ACCEPTED = "Signal does not accept this bridge at the moment. It is tried again by itself.";
const WAIT_A_MINUTE = "Signal takes no more from you for 1 minute. What you wrote is sent by itself then.";
const TOO_OLD =
  "Signal no longer serves this version of the bridge. Whoever runs it should update it; what you wrote is sent by itself then.";
const refused = (status: number) => ({
  words: `Signal did not take this (error ${status}).`,
  reason: "remote-refused",
  outage: false,
  retryAfter: 0,
});
const outage = (words: unknown, retryAfter = 0) => ({
  words,
  reason: "remote-unreachable",
  outage: true,
  retryAfter,
});
const captcha = { token: "t", options: ["captcha"] };

/** Every code, and what comes of a message whose contact's keys are answered with it. */
const codes = [
  { status: 400, is: refused(400) },
  { status: 401, is: outage(NOT_ACCEPTED) },
  { status: 403, is: refused(403) },
  {
    status: 404,
    is: { words: "This person is not on Signal any more.", reason: "not-reachable", retryAfter: undefined },
  },
  { status: 409, is: refused(409) },
  { status: 410, is: refused(410) },
  { status: 413, is: outage(WAIT_A_MINUTE, 60_000) },
  { status: 422, is: refused(422) },
  { status: 428, is: outage(WAIT_A_MINUTE, 60_000) },
  {
    status: 428,
    body: captcha,
    is: outage(
      expect.stringMatching(/^Signal wants to know that you are a human .* in 1 day\.$/),
      86_400_000,
    ),
  },
  {
    status: 428,
    body: captcha,
    headers: { "retry-after": "3600" },
    is: outage(
      expect.stringMatching(/^Signal wants to know that you are a human .* in 1 hour\.$/),
      3_600_000,
    ),
  },
  { status: 429, is: outage(WAIT_A_MINUTE, 60_000) },
  {
    status: 429,
    headers: { "retry-after": "7200" },
    is: outage(
      "Signal takes no more from you for 2 hours. What you wrote is sent by itself then.",
      7_200_000,
    ),
  },
  { status: 499, is: outage(TOO_OLD, 600_000) },
  { status: 500, is: outage(BROKE) },
  { status: 502, is: outage(BROKE) },
  { status: 503, is: outage(BROKE) },
];

/** A row with its title. */
const named = <Row extends { readonly status: number; readonly headers?: object; readonly body?: object }>(
  row: Row,
): readonly [string, Row] => {
  const { status, headers, body } = row;
  return [[status, headers && "Retry-After", body && "a challenge"].filter(Boolean).join(" and "), row];
};

/** What a message to somebody fails with; undefined where it does not. */
async function failureTo(person: Person, text: string): Promise<BridgeError | undefined> {
  try {
    await stage.session.says(person, text);
    return undefined;
  } catch (error) {
    return BridgeError.from(error);
  }
}

test.each(codes.map(named))(
  "a contact's keys answered with %s: words, and what is done",
  async (_, { is, ...answer }) => {
    const text = `keys ${JSON.stringify(answer)}`;
    const person = await stage.world.mock.person(text);
    stage.world.mock.server.faults.requests("/v2/keys/", answer, { times: 9 });
    const failure = await failureTo(person, text);
    expect(failure).toMatchObject(is);
    stage.world.mock.server.faults.clear();
    expect(await failureTo(person, `${text} after`)).toBeUndefined();
    await person.hears(`${text} after`);
  },
);

const ofRequest = codes.map(({ status, is, ...answer }) => ({
  status,
  ...answer,
  is: status === 404 ? refused(404) : is,
}));

test.each(ofRequest.map(named))(
  "the word on who we are answered with %s: words, and what is done",
  async (_, { is, ...answer }) => {
    const { session, phone, wim, world } = stage;
    const { timestamp } = await wim.says(phone, "my key");
    await stage.event("message", timestamp);
    // What is known of it is forgotten with the connection.
    await session.disconnect();
    await session.connect();
    world.mock.server.faults.requests("/v1/certificate/", answer);
    const failure = await failureTo(wim, "unproved");
    expect(failure).toMatchObject(is);
    expect(await failureTo(wim, "proved")).toBeUndefined();
  },
);

test("a contact's keys that are none are a failed try, so that the chat goes on after some", async () => {
  const person = await stage.world.mock.person("Nokey");
  stage.world.mock.server.faults.requests("/v2/keys/", { status: 200, body: { devices: "none" } });
  expect(await failureTo(person, "x")).toMatchObject({
    reason: "remote-refused",
    outage: false,
    words: "Signal did not take this (an answer that makes no sense).",
  });
});

describe("what is asked for beside a message", () => {
  const statuses = [401, 403, 404, 409, 410, 428, 429, 499, 500, 503];

  test.each(statuses)(
    "a profile answered with %d holds nothing up: the message is there, under what is known",
    async (status) => {
      const { phone, world } = stage;
      const person = await world.mock.person(`Profile ${status}`);
      world.mock.server.faults.requests(`/v1/profile/${person.aci}`, { status }, { times: 9 });
      const { timestamp, acknowledged } = await person.says(phone, `profile ${status}`);
      await stage.event("message", timestamp);
      await acknowledged;
      expect(await failureTo(person, "answered")).toBeUndefined();
      await person.hears("answered");
    },
  );

  test.each(statuses)(
    "what the account stores answered with %d: the connection stays, and messages go",
    async (status) => {
      const { session, wim, world } = stage;
      await session.disconnect();
      for (const path of ["/v1/storage/auth", "/storageService/", "/v1/devices/capabilities", "/v2/keys?"])
        world.mock.server.faults.requests(path, { status }, { times: 9 });
      await session.connect();
      expect(await failureTo(wim, `stored ${status}`)).toBeUndefined();
      await wim.hears(`stored ${status}`);
      expect(session.client.state.kind).toBe("connected");
    },
  );
});
