import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { DoublePuppets } from "../../../src/matrix/homeserver/double-puppets.ts";
import {
  buildDoublePuppetRegistration,
  doublePuppetPath,
  doublePuppetProblems,
  readDoublePuppetRegistration,
  writeDoublePuppetRegistration,
} from "../../../src/matrix/registration/double-puppet-registration.ts";
import { buildRegistration } from "../../../src/matrix/registration/registration.ts";
import { FakeHomeserverWorld, names } from "../../kit/fake-homeserver-world.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const options = { id: "thirdpartychats", serverName: "a.example" };

describe("the second registration", () => {
  test("has no address, claims nobody, and covers the server's people only", () => {
    const registration = buildDoublePuppetRegistration(options);
    expect(registration).toMatchObject({
      id: "thirdpartychats-doublepuppet",
      url: null,
      rate_limited: false,
    });
    const [users] = registration.namespaces.users;
    expect(users).toEqual({ exclusive: false, regex: String.raw`^@.*:a\.example$` });
    const covers = (user: string): boolean => new RegExp(users?.regex ?? "").test(user);
    expect(["@ana:a.example", "@ana:aXexample", "@ana:a.example.org"].map(covers)).toEqual([
      true,
      false,
      false,
    ]);
    expect(doublePuppetProblems(registration, "a.example")).toEqual([]);
  });

  test("shares no token with another, and the first never claims people", () => {
    const [one, two] = [buildDoublePuppetRegistration(options), buildDoublePuppetRegistration(options)];
    expect(new Set([one.as_token, one.hs_token, two.as_token, two.hs_token, one.sender_localpart]).size).toBe(
      5,
    );
    const first = buildRegistration({ ...names, id: "x", url: "http://localhost:1", protocols: [] });
    expect(first.namespaces.users.some(({ regex }) => new RegExp(regex).test("@ana:fake.test"))).toBe(false);
  });

  test("is written for its owner only, never over another, and read again", async () => {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(temporaryFolder());
    const file = doublePuppetPath(join(path, "registration.yaml"));
    expect(file).toBe(join(path, "doublepuppet-registration.yaml"));
    expect(await readDoublePuppetRegistration(file, "a.example")).toBeUndefined();
    await writeDoublePuppetRegistration(file, options);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const read = await readDoublePuppetRegistration(file, "a.example");
    expect(read?.id).toBe("thirdpartychats-doublepuppet");
    await expect(writeDoublePuppetRegistration(file, options)).rejects.toMatchObject({ reason: "bad-input" });
    await expect(readDoublePuppetRegistration(file, "b.example")).rejects.toThrow(
      "does not cover @…:b.example",
    );
  });

  test.each([
    [{ url: "http://localhost:1" }, "url must be null"],
    [{ rate_limited: true }, "rate_limited must be false"],
    [{ namespaces: { users: [{ exclusive: true, regex: "@.*:a.example" }] } }, "exclusive must be false"],
    [{ namespaces: { users: [{ exclusive: false, regex: "(" }] } }, "does not cover"],
    [{ as_token: 5 }, "wrong value for: as_token"],
    [{ as_token: undefined }, "wrong value for: as_token"],
  ])("%j is refused with words; without it the file is in order", async (change, words) => {
    await using stack = new AsyncDisposableStack();
    const file = join(stack.use(temporaryFolder()).path, "second.yaml");
    const registration = buildDoublePuppetRegistration(options);
    await writeFile(file, stringify(registration));
    expect(await readDoublePuppetRegistration(file, "a.example")).toEqual(registration);
    await writeFile(file, stringify({ ...registration, ...change }));
    await expect(readDoublePuppetRegistration(file, "a.example")).rejects.toThrow(words);
  });
});

describe("acting as people", () => {
  test("is not there without the file, or where the homeserver does not know it", async () => {
    await using world = await FakeHomeserverWorld.start();
    const { homeserver, fake, clock } = world;
    await homeserver.register(homeserver.bot);
    const base = { homeserverUrl: fake.url, serverName: "fake.test", bot: homeserver.bot, clock };
    await using none = new DoublePuppets({ ...base, asToken: undefined });
    await using unknown = new DoublePuppets({ ...base, asToken: "of a file nobody installed" });
    expect([await none.installed(), await unknown.installed(), await world.puppets.installed()]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("is noticed a minute after the homeserver learnt of it", async () => {
    await using world = await FakeHomeserverWorld.start();
    const { homeserver, fake, clock, puppets } = world;
    expect(await puppets.installed()).toBe(false);
    await homeserver.register(homeserver.bot);
    expect(await puppets.installed()).toBe(false);
    clock.shift += 60_001;
    expect(await puppets.installed()).toBe(true);
    const asked = fake.requests.length;
    expect(await puppets.installed()).toBe(true);
    expect(fake.requests.length).toBe(asked);
    // A clock that is set back is no reason to believe the answer for that much longer.
    clock.shift -= 86_400_000;
    expect(await puppets.installed()).toBe(true);
    expect(fake.requests.length).toBe(asked + 1);
  });
});
