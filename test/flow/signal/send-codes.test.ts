import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { MessageId } from "../../../src/core/model/ids.ts";
import type { HttpAnswer, SendAnswer } from "../../../tools/signal-mock/faults.ts";
import { type Person, textOf } from "../../../tools/signal-mock/person.ts";
import { personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
afterEach(() => stage.world.mock.server.faults.clear());

const outage = (words: unknown, retryAfter = 0) => ({
  words,
  reason: "remote-unreachable",
  outage: true,
  retryAfter,
});
const BROKE = outage("The connection to Signal broke. It is tried again by itself.");
const WAIT_A_MINUTE = outage(
  "Signal takes no more from you for 1 minute. What you wrote is sent by itself then.",
  60_000,
);
const WAIT_TWO_HOURS = outage(
  "Signal takes no more from you for 2 hours. What you wrote is sent by itself then.",
  7_200_000,
);
const CAPTCHA = /^Signal wants to know that you are a human .* is tried again in (?:1 day|2 hours)\.$/;
const TOO_OLD = outage(
  "Signal no longer serves this version of the bridge. Whoever runs it should update it; what you wrote is sent by itself then.",
  600_000,
);
const REFUSED = {
  words: "Signal did not take this (error 400).",
  reason: "remote-refused",
  outage: false,
  retryAfter: 0,
};

/** What a message fails with; undefined where it does not. */
async function failureOf(to: Person, text: string, id: MessageId): Promise<BridgeError | undefined> {
  try {
    await stage.session.says(to, text, id);
    return undefined;
  } catch (error) {
    return BridgeError.from(error);
  }
}

/** The message fails so, and at the next try, under the same name, is heard once and shown once on our own phone. */
async function failsAndGoes(to: Person, text: string, is: object | undefined): Promise<void> {
  const { session, phone } = stage;
  const id = session.nextId();
  const failure = await failureOf(to, text, id);
  if (is === undefined) expect(failure).toBeUndefined();
  else expect(failure).toMatchObject(is);
  stage.world.mock.server.faults.clear();
  await session.client.connected(AbortSignal.timeout(10_000));
  if (failure) expect(await failureOf(to, text, id)).toBeUndefined();
  await to.hears(text);
  expect(to.journal.entries.filter((heard) => textOf(heard) === text)).toHaveLength(1);
  const shown = phone.journal.entries.filter(
    ({ content }) => content?.content?.syncMessage?.content?.sent?.message?.body === text,
  );
  expect(shown).toHaveLength(1);
}

/** What Signal's answers to a message stand for over HTTP, each as its server gives it to libsignal's call. */
const answers: readonly (readonly [string, SendAnswer, object | undefined])[] = [
  ["401, a profile key that is not theirs any more,", { kind: "unauthorized" }, BROKE],
  [
    "404",
    { kind: "unregistered" },
    { words: "This person is not on Signal any more.", reason: "not-reachable", retryAfter: undefined },
  ],
  ["409", { kind: "devices", extra: [9] }, undefined],
  ["410", { kind: "devices", stale: [1] }, undefined],
  ["428", { kind: "challenge" }, outage(expect.stringMatching(CAPTCHA), 86_400_000)],
  [
    "428 and Retry-After",
    { kind: "challenge", retryAfter: 7_200 },
    outage(expect.stringMatching(CAPTCHA), 7_200_000),
  ],
  // libsignal tells of it, and of 503, in the same words.
  ["429", { kind: "rate-limit" }, BROKE],
  ["429 and Retry-After", { kind: "rate-limit", retryAfter: 7_200 }, WAIT_TWO_HOURS],
  ["503", { kind: "unavailable" }, BROKE],
];

/** Answers that are none of the call's own: libsignal tells of them by their numbers in gRPC. */
const statuses: readonly (readonly [number, object])[] = [
  [1, BROKE],
  [2, BROKE],
  [3, REFUSED],
  [4, BROKE],
  [5, BROKE],
  [6, BROKE],
  [7, BROKE],
  [8, WAIT_A_MINUTE],
  [9, REFUSED],
  [10, BROKE],
  [11, REFUSED],
  [12, TOO_OLD],
  [13, BROKE],
  [14, BROKE],
  [15, BROKE],
  [16, BROKE],
];

/** Codes of HTTP, as of something in between: libsignal takes each for a connection that is broken. */
const codes = [400, 401, 403, 404, 409, 410, 413, 428, 429, 499, 500, 502, 503];

describe.each(["with its sender's name on it", "sealed"])("a message %s", (way) => {
  let to: Person;
  beforeAll(async () => {
    const { world, phone } = stage;
    const isSealed = way === "sealed";
    to = await world.mock.person(isSealed ? "Sepp" : "Olaf");
    if (isSealed) await stage.event("message", (await to.says(phone, "my key")).timestamp);
    await stage.session.says(to, "the first");
    expect(await to.hears("the first")).toMatchObject({ sealed: isSealed });
  });
  const path = (): string =>
    `/org.signal.chat.messages.${way === "sealed" ? "MessagesAnonymous/SendSingleRecipient" : "Messages/Send"}Message`;

  // Only a message with its sender's name on it is answered with 428.
  const ofWay = answers.filter(([, { kind }]) => way !== "sealed" || kind !== "challenge");
  test.each(ofWay)("answered with %s: words, and what is done", async (name, answer, is) => {
    stage.world.mock.server.faults.sends(answer, { to: to.aci });
    // Whoever is not known by their profile key any more is written to with our name on it, at once.
    const isTakenBySealed = way === "sealed" && answer.kind === "unauthorized";
    await failsAndGoes(to, `${way}: an answer ${name}`, isTakenBySealed ? undefined : is);
  });

  test.each(statuses)("answered with gRPC's status %i: words, and what is done", async (code, is) => {
    stage.world.mock.server.faults.sends({ kind: "status", code }, { to: to.aci });
    await failsAndGoes(to, `${way}: status ${code}`, is);
  });

  test.each(codes)(
    "answered with HTTP's %i is a broken connection's, tried again and heard once",
    async (status) => {
      stage.world.mock.server.faults.requests(path(), { status, headers: { "retry-after": "7200" } });
      await failsAndGoes(to, `${way}: code ${status}`, BROKE);
    },
  );
});

describe("the copy for our own phone", () => {
  test.each(codes)(
    "answered with HTTP's %i: the message is tried again as a whole, and shown once",
    async (status) => {
      const { session, phone, wim } = stage;
      const text = `copy ${status}`;
      const id = session.nextId();
      stage.world.mock.server.faults.requests("/org.signal.chat.messages.Messages/SendSyncMessage", {
        status,
      });
      expect(await failureOf(wim, text, id)).toMatchObject(BROKE);
      expect(await failureOf(wim, text, id)).toBeUndefined();
      const names = wim.journal.entries
        .filter((heard) => textOf(heard) === text)
        .map(({ content }) => content?.content?.dataMessage?.timestamp);
      expect(new Set(names).size).toBe(1);
      const shown = phone.journal.entries.filter(
        ({ content }) => content?.content?.syncMessage?.content?.sent?.message?.body === text,
      );
      expect(shown).toHaveLength(1);
    },
  );
});

describe("the place for a file, here of a long text,", () => {
  const FORM = "/org.signal.chat.attachments.Attachments/GetUploadForm";
  const long = (name: string): string => `${name} ${"Viel zu sagen. ".repeat(150)}Ende.`;

  test.each(codes)(
    "asked for and answered with HTTP's %i: words, and the message goes once",
    async (status) => {
      const { session, wim, world } = stage;
      const text = long(`form ${status}`);
      const id = session.nextId();
      world.mock.server.faults.requests(FORM, { status });
      expect(await failureOf(wim, text, id)).toMatchObject(BROKE);
      expect(await failureOf(wim, text, id)).toBeUndefined();
      const named = BigInt(id.split("/")[1] ?? 0);
      const heard = wim.journal.entries.filter(
        ({ content }) => content?.content?.dataMessage?.timestamp === named,
      );
      expect(heard).toHaveLength(1);
      expect(heard[0]?.content?.content?.dataMessage?.attachments).toHaveLength(1);
    },
  );
});

describe("what our person writes into the account's storage, here a block,", () => {
  const WRITES = /^\/storageService\/v1\/storage\/$/;
  const refused = (status: number) => ({
    reason: "remote-refused",
    words: `Signal's storage service did not take this (error ${status}). Try again later, or do it in Signal on your phone.`,
  });
  const limited = (duration: string, retryAfter: number) => ({
    reason: "remote-unreachable",
    words: `Signal's storage service takes no more from you for ${duration}. Try again then.`,
    certain: true,
    retryAfter,
  });
  const UNREACHABLE = {
    reason: "remote-unreachable",
    words: "Signal's storage service cannot be reached at the moment. Try again in a few minutes.",
    certain: false,
  };
  const onPhone = async () => (await stage.phone.phone.expectStorageState("now")).getContact(stage.wim.phone);
  const blocks = (blocked: boolean) => stage.session.client.setBlocked(personIdOf(stage.wim), blocked);
  const fails = (answer: HttpAnswer, times: number) =>
    stage.world.mock.server.faults.requests(WRITES, answer, { times });
  beforeAll(() => blocks(false));

  test.each([
    [{ status: 400 }, refused(400)],
    [{ status: 401 }, refused(401)],
    [{ status: 403 }, refused(403)],
    [{ status: 404 }, refused(404)],
    [{ status: 410 }, refused(410)],
    [{ status: 413 }, refused(413)],
    [{ status: 422 }, refused(422)],
    [{ status: 428 }, refused(428)],
    [{ status: 429 }, limited("1 minute", 60_000)],
    [{ status: 429, headers: { "retry-after": "7200" } }, limited("2 hours", 7_200_000)],
    [{ status: 499 }, refused(499)],
    [{ status: 500 }, UNREACHABLE],
    [{ status: 502 }, UNREACHABLE],
    [{ status: 503 }, UNREACHABLE],
    [
      { status: 409 },
      {
        reason: "remote-refused",
        words: "Your other devices kept changing your contacts meanwhile. Try again in a moment.",
      },
    ],
  ] as const)("answered with %j each time: words, nothing changes, and the next goes", async (answer, is) => {
    fails(answer, 99);
    await expect(blocks(true)).rejects.toMatchObject(is);
    expect(await onPhone()).toMatchObject({ blocked: false });
    stage.world.mock.server.faults.clear();
    await blocks(true);
    expect(await onPhone()).toMatchObject({ blocked: true });
    await blocks(false);
  });

  test.each([401, 403, 409])("answered with %i once goes at the next try", async (status) => {
    fails({ status }, 1);
    await blocks(true);
    expect(await onPhone()).toMatchObject({ blocked: true });
    await blocks(false);
    expect(await onPhone()).toMatchObject({ blocked: false });
  });
});
