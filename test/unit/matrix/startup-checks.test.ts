import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  checkBot,
  checkEncryptionDefault,
  checkHomeserver,
  checkPing,
} from "../../../src/matrix/health/startup-checks.ts";
import { isOldSynapse } from "../../../src/matrix/health/synapse-version.ts";
import type { RequestFault } from "../../kit/fake-homeserver-faults.ts";
import { kindNames, kinds } from "../../kit/fake-homeserver-kinds.ts";
import { FakeHomeserverWorld, names } from "../../kit/fake-homeserver-world.ts";

let world: FakeHomeserverWorld;
beforeEach(async () => {
  world = await FakeHomeserverWorld.start();
});
afterEach(async () => world[Symbol.asyncDispose]());

const file = "/etc/bridge/registration.yaml";
const options = () => ({
  homeserverUrl: world.fake.url,
  registration: world.registration,
  registrationPath: file,
  names,
});

const roomCheck = () => ({ ...options(), homeserver: world.homeserver });

async function everyCheck(): Promise<void> {
  await checkHomeserver(options());
  await checkBot(options(), world.homeserver);
  await checkPing(options());
  await checkEncryptionDefault(roomCheck(), "check");
}

type Answers = Extract<RequestFault, { kind: "status" }>;
const UNKNOWN: Answers = { kind: "status", status: 404, errcode: "M_UNRECOGNIZED" };
const answer = (path: string, fault: RequestFault): void => world.fake.faults.order({ fault, path });

describe("the homeserver", () => {
  test.each(kindNames)("that is fit passes every check: %s", async (kind) => {
    await world[Symbol.asyncDispose]();
    world = await FakeHomeserverWorld.start({ kind: kinds[kind] });
    await everyCheck();
  });

  test("that is an old Synapse is refused by its version", async () => {
    world.fake.kind = { ...kinds.synapse, version: "1.98.0 (b=matrix-org-hotfixes,1a2b)" };
    await expect(checkHomeserver(options())).rejects.toThrow(/Synapse 1\.98\.0.*1\.141/);
  });

  test("whose version another product also has is not refused for it", async () => {
    world.fake.kind = { ...kinds.tuwunel, version: "0.1.2" };
    await everyCheck();
  });

  test.each<[string, RequestFault]>([
    ["is closed", UNKNOWN],
    ["is hidden by a proxy's page", { kind: "status", status: 403 }],
    ["says that it is there, with a page", { kind: "status", status: 200 }],
    ["sends elsewhere", { kind: "status", status: 302 }],
    ["breaks", { kind: "status", status: 502 }],
    ["does not answer", { kind: "lose-answer" }],
    ["breaks off", { kind: "cut-answer" }],
  ])("whose version address %s is judged by what it can do", async (_, fault) => {
    // What is left says the version of something old.
    world.fake.kind = { ...kinds.synapse, version: "1.9.0" };
    answer("/federation/v1/version", fault);
    await everyCheck();
  });

  test.each([
    ["a name that is a number", 5 as unknown as string, "1.9.0"],
    ["a page for a name", "<b>Synapse</b>", "1.9.0"],
    ["words of any length", "x".repeat(5000), "1.9.0"],
    ["no version", "Synapse", undefined as unknown as string],
    ["a version that is none", "Synapse", "new"],
  ])("that says %s is judged by what it can do", async (_, name, version) => {
    world.fake.kind = { ...kinds.synapse, name, version };
    await everyCheck();
  });

  test.each<[string, () => void, RegExp]>([
    [
      "makes no devices",
      () => answer("/devices/", UNKNOWN),
      /^homeserver-fault: Tuwunel 1\.9\.0 makes no devices .*1\.141/,
    ],
    [
      "ignores device_id",
      () => {
        world.fake.kind = { ...world.fake.kind, takesDevices: false };
      },
      /^homeserver-fault: Tuwunel 1\.9\.0 takes no device_id/,
    ],
    [
      "does not let the bot sync",
      () => answer("/sync", { ...UNKNOWN, status: 403, errcode: "M_FORBIDDEN" }),
      /^homeserver-fault: Tuwunel 1\.9\.0 does not let a bridge read \/sync/,
    ],
    [
      "does not ping",
      () => answer("/ping", UNKNOWN),
      /^homeserver-fault: Tuwunel 1\.9\.0 does not ping bridges/,
    ],
  ])("that %s is refused by the name of that, whoever it is", async (_, breakIt, words) => {
    world.fake.kind = kinds.tuwunel;
    breakIt();
    await expect(everyCheck()).rejects.toThrow(words);
  });

  test("that has no name is refused by what it lacks as well", async () => {
    world.fake.kind = { ...kinds.synapse, name: undefined, takesDevices: false };
    await expect(everyCheck()).rejects.toThrow(/^homeserver-fault: This homeserver takes no device_id/);
  });

  test.each(["/devices/", "/sync", "whoami"])(
    "behind a proxy that fails at %s is asked again",
    async (path) => {
      await world.homeserver.register(world.homeserver.bot);
      answer(path, { kind: "status", status: 502 });
      await expect(checkBot(options(), world.homeserver)).rejects.toMatchObject({ retryAfter: 0 });
    },
  );

  test("that has moved is told where its address goes", async () => {
    answer("/versions", { kind: "status", status: 301 });
    await expect(checkHomeserver(options())).rejects.toThrow(/another address.*homeserver\.url/);
  });

  test("that does not know us is told which file it lacks", async () => {
    const wrong = { ...options(), registration: { ...world.registration, as_token: "other" } };
    await expect(checkHomeserver(wrong)).rejects.toThrow(file);
    // Synapse refuses an unknown token already where it tells its versions.
    const fault = { kind: "status", status: 401, errcode: "M_UNKNOWN_TOKEN" } as const;
    world.fake.faults.order({ fault, path: "/versions" });
    await expect(checkHomeserver(wrong)).rejects.toThrow(file);
  });

  test("that is away may come later, and is named", async () => {
    await world.fake.crash();
    await expect(checkHomeserver(options())).rejects.toMatchObject({
      reason: "homeserver-unreachable",
      retryAfter: 0,
      words: expect.stringContaining(world.fake.url) as unknown,
    });
    await world.fake.listen();
  });

  test("that is something else is named", async () => {
    await expect(checkHomeserver({ ...options(), homeserverUrl: world.endpointUrl })).rejects.toThrow(
      "not a Matrix homeserver",
    );
  });

  test("that encrypts every room is told the setting", async () => {
    await checkBot(options(), world.homeserver);
    world.fake.forceEncryption = true;
    await expect(checkEncryptionDefault(roomCheck(), "check")).rejects.toThrow(
      "encryption_enabled_by_default_for_room_type",
    );
  });
});

describe("the way back", () => {
  test("with another hs_token", async () => {
    world.fake.use({ ...world.registration, hs_token: "other" });
    await expect(checkPing(options())).rejects.toThrow("hs_token");
  });

  test("that leads nowhere", async () => {
    world.fake.use({ ...world.registration, url: "http://127.0.0.1:1" });
    await expect(checkPing(options())).rejects.toThrow("cannot reach this bridge");
  });

  test("that leads to something else", async () => {
    world.fake.use({ ...world.registration, url: world.fake.url });
    await expect(checkPing(options())).rejects.toThrow("Something else answers");
  });

  test("that is not there", async () => {
    world.fake.use({ ...world.registration, url: null });
    await expect(checkPing(options())).rejects.toThrow("no url");
  });
});

test.each([
  ["1.141.0", false],
  ["1.141.0rc1", false],
  ["1.140.9", true],
  ["2.0.0", false],
  ["0.99", true],
  ["unknown", false],
])("Synapse %s is too old: %s", (version, old) => {
  expect(isOldSynapse(version)).toBe(old);
});
