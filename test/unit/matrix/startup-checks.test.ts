import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  checkEncryptionDefault,
  checkHomeserver,
  checkPing,
  ensureBot,
} from "../../../src/matrix/startup-checks.ts";
import { isOldSynapse } from "../../../src/matrix/synapse-version.ts";
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
});

const roomCheck = () => ({ ...options(), homeserver: world.homeserver, names });

describe("the homeserver", () => {
  test("that is fit passes every check", async () => {
    await checkHomeserver(options());
    await ensureBot(world.homeserver, file);
    await checkPing(options());
    await checkEncryptionDefault(roomCheck(), "check");
  });

  test("that is old is refused", async () => {
    world.fake.version = "1.98.0 (b=matrix-org-hotfixes,1a2b)";
    await expect(checkHomeserver(options())).rejects.toThrow(/Synapse 1\.98\.0.*1\.141/);
  });

  test("that hides its version is judged by what it can do", async () => {
    world.fake.version = undefined;
    await checkHomeserver(options());
    world.fake.faults.order({
      fault: { kind: "status", status: 404, errcode: "M_UNRECOGNIZED" },
      path: "/devices/",
    });
    await expect(ensureBot(world.homeserver, file)).rejects.toThrow("1.141");
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
    await ensureBot(world.homeserver, file);
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
