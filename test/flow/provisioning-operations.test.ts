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
    expect((await ask("POST", "/checks")).body).toEqual({ ok: true, links: [] });
    const bad = { kind: "bad", what: "It is closed.", where: "config.yaml:3", cure: "Open it." } as const;
    const links = [{ name: "homeserver", findings: [{ kind: "good", what: "reached" } as const, bad] }];
    Object.assign(here.operations, { check: async () => links });
    expect((await ask("POST", "/checks")).body).toEqual({ ok: false, links });
  });

  test("makes a backup, or hears why there is none", async () => {
    expect((await ask("POST", "/backups")).body).toMatchObject({ folder: "/backups/one", missing: 0 });
    const full = new BridgeError("storage", { words: "The disk is full.", certain: true });
    Object.assign(here.operations, { backUp: () => Promise.reject(full) });
    const { status, body } = await ask("POST", "/backups");
    expect([status, body.error]).toEqual([503, "The disk is full."]);
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
