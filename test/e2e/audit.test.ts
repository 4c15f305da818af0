import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { OutboxId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { CONTENT_KEY } from "../../src/core/ports/homeserver.ts";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import {
  checkBot,
  checkEncryptionDefault,
  checkHomeserver,
  checkPing,
} from "../../src/matrix/health/startup-checks.ts";
import { DEVICE } from "../../src/matrix/homeserver/devices.ts";
import { MatrixHomeserver } from "../../src/matrix/homeserver/matrix-homeserver.ts";
import { AppserviceEndpoint } from "../../src/matrix/inbound/appservice-endpoint.ts";
import { AuditStream } from "../../src/matrix/inbound/audit-stream.ts";
import { buildRegistration, type Registration } from "../../src/matrix/registration/registration.ts";
import { writeRegistration } from "../../src/matrix/registration/registration-file.ts";
import { matrixApi } from "../../tools/matrix/api.ts";
import { LogLines, RecordingHomeserverSink, realClock } from "../kit/fake-homeserver-world.ts";
import { HttpPerson } from "../kit/http-person.ts";
import { partText } from "../kit/part-text.ts";
import { TestSynapse } from "../kit/synapse.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";
import { testSpool } from "../kit/test-spool.ts";

const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "localhost" } as const;
const sink = new RecordingHomeserverSink();
const log = new LogLines();
const shared = { clock: realClock, log, metrics: noMetrics };
const stack = new AsyncDisposableStack();
let synapse: TestSynapse;
let homeserver: MatrixHomeserver;
let registration: Registration;
let file: string;
let alice: HttpPerson;
let room: RoomId;
let since: string;

beforeAll(async () => {
  const folder = stack.use(temporaryFolder());
  const endpoint = stack.use(
    new AppserviceEndpoint({
      hsToken: "hs-token",
      sink,
      isOurs: (user) => homeserver.isOurs(user),
      exists: (user) => user === homeserver.bot,
      protocols: new Map(),
      ...shared,
    }),
  );
  const url = `http://127.0.0.1:${await endpoint.listen("127.0.0.1", 0)}`;
  const tokens = { as: "as-token", hs: "hs-token" };
  registration = buildRegistration({ ...names, id: "thirdpartychats", url, protocols: [], tokens });
  file = join(folder.path, "registration.yaml");
  await writeRegistration(file, registration);
  synapse = stack.use(await TestSynapse.start({ registrations: [file] }));
  homeserver = stack.use(
    new MatrixHomeserver({
      homeserverUrl: synapse.url,
      registration,
      names,
      tools: await testSpool(stack),
      ...shared,
    }),
  );
}, 240_000);
afterAll(async () => stack.disposeAsync(), 60_000);

function audit(from: string | undefined): AuditStream {
  const stream = new AuditStream({
    homeserverUrl: synapse.url,
    asToken: registration.as_token,
    bot: homeserver.bot,
    isOurs: (user: UserId) => homeserver.isOurs(user),
    sink,
    since: from,
    restoreBot: () => homeserver.register(homeserver.bot),
    ...shared,
  });
  sink.gaps.length = 0;
  stream.start();
  return stream;
}

const closed = (times: number): Promise<void> =>
  sink.until(() => sink.gaps.filter((gap) => gap === "closed").length >= times);
const texts = (via: "push" | "sync", where: RoomId): string[] =>
  sink
    .by(via)
    .filter((event) => event.room === where)
    .flatMap((event) => (event.kind === "message" ? event.message.parts.map(partText) : []));
const said = (text: string): Promise<void> => sink.until(() => texts("sync", room).includes(text));

test("Synapse passes the checks at start, the ping round trip among them", async () => {
  const options = { homeserverUrl: synapse.url, registration, registrationPath: file, names };
  await checkHomeserver(options);
  await checkBot(options, homeserver);
  await checkPing(options);
  await checkEncryptionDefault({ ...options, homeserver }, "check");
});

test("the first look takes nothing and stores its place", async () => {
  const { userId, call } = await synapse.person("alice");
  alice = new HttpPerson(userId as UserId, call);
  room = await homeserver.createRoom({ key: "audited", direct: true, kind: "portal", state: [] });
  await homeserver.invite(homeserver.bot, alice.user, room, { direct: true });
  await alice.join(room);
  await alice.say(room, "before");
  await sink.until(() => texts("push", room).includes("before"));
  await using streams = new AsyncDisposableStack();
  streams.use(audit(undefined));
  await closed(1);
  expect(sink.by("sync")).toEqual([]);
  since = sink.tokens.at(-1) ?? "";
}, 60_000);

test("more than an answer holds is paged back, whole and in order", async () => {
  const sent: string[] = [];
  for (let index = 0; index < 130; index += 1) {
    sent.push(`m${index}`);
    await alice.say(room, `m${index}`);
  }
  await using streams = new AsyncDisposableStack();
  streams.use(audit(since));
  await closed(1);
  expect(texts("sync", room)).toEqual(sent);
  since = sink.tokens.at(-1) ?? "";
}, 60_000);

test("an invitation nobody acted upon comes from the stream too, and no earlier talk with its room", async () => {
  await using streams = new AsyncDisposableStack();
  streams.use(audit(since));
  await closed(1);
  const theirs = await alice.createRoom({ is_direct: true });
  await alice.say(theirs, "long before the bot");
  const put = `v3/rooms/${encodeURIComponent(theirs)}/state/m.room.member/${encodeURIComponent(homeserver.bot)}`;
  const invited = await alice.call("PUT", put, { membership: "invite", is_direct: true });
  const invitations = () =>
    sink.by("sync").filter((event) => event.room === theirs && event.kind === "member");
  await sink.until(() => invitations().length > 0);
  expect(invitations()).toMatchObject([{ user: homeserver.bot, direct: true }]);
  expect(sink.by("push").some(({ id }) => id === invited["event_id"])).toBe(true);
  await homeserver.join(homeserver.bot, theirs);
  await alice.say(theirs, "help");
  await sink.until(() => texts("sync", theirs).includes("help"));
  expect(texts("sync", theirs)).toEqual(["help"]);
  await alice.say(room, "and on");
  await said("and on");
  expect(sink.gaps).toEqual(["opened", "closed"]);
  since = sink.tokens.at(-1) ?? "";
}, 60_000);

test("a Synapse that is killed opens a gap, and the stream goes on where it was", async () => {
  await using streams = new AsyncDisposableStack();
  streams.use(audit(since));
  await closed(1);
  await alice.say(room, "before the kill");
  await synapse.process.kill("SIGKILL");
  await sink.until(() => sink.gaps.length === 3);
  await synapse.launch();
  await alice.say(room, "after the kill");
  await closed(2);
  await said("after the kill");
  expect(texts("sync", room).slice(-2)).toEqual(["before the kill", "after the kill"]);
}, 120_000);

test("an event whose sender's device is gone after a restart is found in the room, not sent again", async () => {
  const id = "device-gone" as OutboxId;
  const content = { msgtype: "m.text", body: "once", [CONTENT_KEY]: id };
  const sender = homeserver.bot;
  const row = {
    id,
    room,
    sender,
    type: "m.room.message",
    stateKey: undefined,
    content,
    createdAt: Date.now(),
  };
  const sent = await homeserver.send(row);
  const path = `v3/devices/${DEVICE}?user_id=${encodeURIComponent(sender)}`;
  await matrixApi(synapse.url, registration.as_token, AbortSignal.timeout(30_000))("DELETE", path, {});
  await synapse.process.kill("SIGKILL");
  await synapse.launch();
  expect(await homeserver.send(row)).toBe(sent);
  const bodies = (await alice.events(room)).map((event) => (event["content"] as { body?: string }).body);
  expect(bodies.filter((body) => body === "once")).toHaveLength(1);
}, 120_000);
