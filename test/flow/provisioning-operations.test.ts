import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { permissionOf } from "../../src/config/access.ts";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";

let here: ProvisionedWorld;

const ADMIN = "/_matrix/provision/admin/v1";
const ask = (method: string, path: string, token = "ana-token") => here.ask(method, ADMIN + path, { token });

beforeEach(async () => {
  here = await ProvisionedWorld.start();
  here.tokens.access.set("ana-token", ANA).set("ben-token", BEN);
  here.world.admins.add(ANA);
});
afterEach(() => here[Symbol.asyncDispose]());

describe("what an administrator does", () => {
  test("is nobody else's", async () => {
    for (const [method, path] of [
      ["POST", "/logins/x/reconnect"],
      ["GET", "/permissions/%40ana%3Atest"],
      ["GET", "/versions"],
      ["POST", "/checks"],
      ["POST", "/backups"],
      ["GET", "/checks"],
      ["GET", "/backups"],
    ] as const)
      expect((await ask(method, path, "ben-token")).status).toBe(403);
  });

  test("connects a login anew, whosever it is", async () => {
    await here.world.optsIn(BEN);
    const [login] = await here.world.store.logins.of(BEN, here.world.network.id);
    const before = here.world.bridge.scope.connections.client(login?.id ?? ("" as never));
    expect((await ask("POST", `/logins/${login?.id}/reconnect`)).body).toEqual({ begun: true });
    expect(here.world.bridge.scope.connections.client(login?.id ?? ("" as never))).not.toBe(before);
    expect((await ask("POST", "/logins/nobody/reconnect")).status).toBe(404);
  });

  test("asks what somebody may do, and hears by which entry", async () => {
    const permissions = { "@root:a.test": "admin", "a.test": "user" } as const;
    Object.assign(here.operations, { permission: (user: UserId) => permissionOf(permissions, user) });
    const permission = async (user: string) =>
      (await ask("GET", `/permissions/${encodeURIComponent(user)}`)).body;
    expect(await permission("@root:a.test")).toEqual({
      user_id: "@root:a.test",
      level: "admin",
      entry: "@root:a.test",
      words:
        "@root:a.test may use this bridge and is an administrator of it: by the entry “@root:a.test” of “permissions”.",
    });
    expect(await permission("@ana:a.test")).toMatchObject({ level: "user", entry: "a.test" });
    expect(await permission("@ana:c.test")).toEqual({
      user_id: "@ana:c.test",
      level: "none",
      words:
        "@ana:c.test may not use this bridge: no entry of “permissions” is about them. Add one for them, for their server, or “*”.",
    });
    expect(await permission("@ana:__proto__")).toMatchObject({ errcode: "M_INVALID_PARAM" });
    expect(await permission("ana")).toMatchObject({
      errcode: "M_INVALID_PARAM",
      error: "The end of the address must be a whole Matrix id, such as @ana:example.org.",
    });
  });

  test("has links tried, and hears what is wrong with the cure", async () => {
    expect((await ask("GET", "/checks")).status).toBe(404);
    expect((await ask("POST", "/checks")).body).toEqual({ done: true, ok: true, links: [] });
    const bad = { kind: "bad", what: "It is closed.", where: "config.yaml:3", cure: "Open it." } as const;
    const links = [{ name: "homeserver", findings: [{ kind: "good", what: "reached" } as const, bad] }];
    Object.assign(here.operations, { check: async () => links });
    const found = { done: true, ok: false, links };
    expect((await ask("POST", "/checks")).body).toEqual(found);
    expect((await ask("GET", "/checks")).body).toEqual(found);
  });

  test("is answered within the time that a homeserver waits, however long it takes, and hears what came of it", async () => {
    let count = 0;
    const end = Promise.withResolvers<readonly []>();
    const made = { folder: "/backups/one", bytes: 1, files: 1, missing: 0 };
    Object.assign(here.operations, {
      check: () => end.promise,
      backUp: () => {
        count += 1;
        return end.promise.then(() => made);
      },
    });
    /** The answer, once it waits and 25 seconds have gone by. */
    const late = async (method: string, path: string) => {
      const { clock } = here.world;
      const before = clock.timers;
      const answer = ask(method, path);
      while (clock.timers === before) await new Promise((done) => setImmediate(done));
      await clock.advance(25_000);
      return (await answer).body;
    };
    expect(await late("POST", "/checks")).toEqual({ done: false, links: [] });
    expect(await late("POST", "/backups")).toEqual({ done: false });
    expect(await late("GET", "/backups")).toEqual({ done: false });
    expect(await late("POST", "/backups")).toEqual({ done: false });
    end.resolve([]);
    expect((await ask("GET", "/checks")).body).toEqual({ done: true, ok: true, links: [] });
    expect((await ask("GET", "/backups")).body).toEqual({ done: true, made });
    expect((await ask("GET", "/backups")).body).toEqual({ done: true, made });
    expect(count).toBe(1);
    await ask("POST", "/backups");
    expect(count).toBe(2);
  });

  test("makes a backup, or hears why there is none", async () => {
    expect((await ask("POST", "/backups")).body).toMatchObject({
      done: true,
      made: { folder: "/backups/one", missing: 0 },
    });
    const full = new BridgeError("storage", { words: "The disk is full.", certain: true });
    Object.assign(here.operations, { backUp: () => Promise.reject(full) });
    for (const method of ["POST", "GET"]) {
      const { status, body } = await ask(method, "/backups");
      expect([status, body.error]).toEqual([503, "The disk is full."]);
    }
  });

  test("sees what runs here", async () => {
    expect((await ask("GET", "/versions")).body).toEqual({
      bridge: "test",
      node: "24",
      libsignal: "0",
      sqlite: "3",
    });
  });
});
