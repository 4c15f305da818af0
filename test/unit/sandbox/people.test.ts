import { describe, expect, test } from "@jest/globals";
import { Faults } from "../../../src/sandbox/faults/faults.ts";
import { Violations } from "../../../src/sandbox/faults/violations.ts";
import type { Logger } from "../../../src/sandbox/logger.ts";
import { type NewPerson, People } from "../../../src/sandbox/phone/people.ts";
import { prekeyServer } from "../../../src/sandbox/phone/prekey-server.ts";
import { signedBy } from "../../../src/sandbox/phone/signal-bundle.ts";
import { CommitGroup } from "../../../src/sandbox/state/commit-group.ts";
import { openDatabase } from "../../../src/sandbox/state/database.ts";
import { NetworkStates } from "../../../src/sandbox/state/network-states.ts";
import { tablesOf } from "../../../src/sandbox/state/tables.ts";

const nothing = (): void => undefined;
const log: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };

function setUp() {
  const db = openDatabase(":memory:");
  const commits = new CommitGroup(db);
  const { identities, ...tables } = tablesOf(db);
  const post = { serverTime: () => 1, wake: nothing, fetchFile: nothing };
  const states = new NetworkStates(db, []);
  const watch = { faults: new Faults(db, commits, log), violations: new Violations(db, commits, log) };
  const parts = { ...tables, commits, states, ...watch, log, ...post };
  /** The gatekeeper after a restart. */
  const again = (): People => new People(parts, prekeyServer(parts, identities));
  return { commits, again };
}

const kim: NewPerson = { network: "whatsapp", name: "Kim", phone: "+31600000001" };

describe("people", () => {
  test("who was refused takes no number, also across a restart", async () => {
    const { again } = setUp();
    const people = again();
    const made = [await people.create(kim)];
    await expect(people.create(kim)).rejects.toMatchObject({ status: 409, code: "taken" });
    made.push(await people.create({ ...kim, phone: "+31600000002" }));
    made.push(await again().create({ ...kim, phone: "+31600000003" }));
    expect(made.map(({ id }) => id)).toEqual(["wa-1", "wa-2", "wa-3"]);
  });

  test("those made in one commit have their own numbers and names", async () => {
    const { commits, again } = setUp();
    const people = again();
    const sam: NewPerson = { network: "messenger", name: "Sam" };
    const making = [kim, kim, { ...sam, username: "sam" }, { ...sam, username: "sam" }, sam].map((one) =>
      people.create(one),
    );
    commits.flush();
    const made = await Promise.allSettled(making);
    expect(made.map(({ status }) => status === "fulfilled")).toEqual([true, false, true, false, true]);
    expect(people.all().map(({ row }) => row.username)).toEqual([null, "sam", "sam.3"]);
    expect(new Set(people.all().map(({ id }) => id)).size).toBe(3);
  });

  test("keys handed out in the commit of a reinstallation are signed by the new identity", async () => {
    const { commits, again } = setUp();
    const people = again();
    const person = await people.create(kim);
    const before = await commits.commit(() => people.bundle(person, false));
    const reinstalled = people.reinstall(person);
    const handed = Array.from({ length: 7 }, () => commits.commit(() => people.bundle(person, false)));
    commits.flush();
    await reinstalled;
    for (const bundle of await Promise.all(handed)) {
      if (bundle === undefined) throw new Error("no bundle");
      expect(bundle.identity).not.toEqual(before?.identity);
      for (const key of [bundle.signed, bundle.kyber]) expect(signedBy(bundle.identity, key)).toBe(true);
    }
  });
});
