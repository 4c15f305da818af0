import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  buildRegistration,
  type Registration,
  registrationYaml,
} from "../../../src/matrix/registration/registration.ts";
import { otherRegistrations } from "../../../src/program/doctor/other-registrations.ts";
import type { Patient } from "../../../src/program/doctor/patient.ts";
import { patientIn } from "../../kit/patient.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "home.test", protocols: [] };
const ours = buildRegistration({ ...names, id: "thirdpartychats", url: "http://127.0.0.1:29340" });
const theirs: Registration = {
  ...buildRegistration({ ...names, id: "irc", url: "http://127.0.0.1:9999" }),
  namespaces: { users: [{ exclusive: true, regex: "^@irc_.*$" }], aliases: [], rooms: [] },
};

let folder: TemporaryFolder;
let patient: Patient;
let list: string;
let other: string;
beforeEach(() => {
  folder = temporaryFolder();
  patient = patientIn(folder.path);
  writeFileSync(patient.registrationPath, registrationYaml(ours));
  rmSync(patient.secondPath);
  list = join(folder.path, "homeserver.yaml");
  other = join(folder.path, "irc.yaml");
});
afterEach(() => folder[Symbol.dispose]());

/** What is found where Synapse reads this bridge's registration, and beside it this other one's file. */
function found(registration: Registration | undefined) {
  if (registration !== undefined) writeFileSync(other, registrationYaml(registration));
  const registrations = [patient.registrationPath, other];
  writeFileSync(list, `server_name: home.test\napp_service_config_files: ${JSON.stringify(registrations)}\n`);
  return otherRegistrations(patient, { file: list, registrations });
}

const bad = (what: RegExp, cure: RegExp, where = other) => ({
  kind: "bad",
  where,
  what: expect.stringMatching(what),
  cure: expect.stringMatching(cure),
});

describe("doctor's look at the other registrations that Synapse reads", () => {
  test("is content with one that shares nothing, and with names that are not claimed alone", () => {
    expect(found(theirs)).toEqual([]);
    const all = [{ exclusive: false, regex: ".*" }];
    expect(found({ ...theirs, namespaces: { users: all, aliases: all, rooms: [] } })).toEqual([]);
  });

  test("finds one with the same id, or with the same token", () => {
    expect(found({ ...theirs, id: ours.id })).toEqual([
      bad(
        /^It has the id thirdpartychats too, and Synapse starts with only one/,
        /take its line out .*appservice\.id/,
      ),
    ]);
    expect(found({ ...theirs, as_token: ours.as_token })).toEqual([
      bad(/^It has a token of this bridge's too/, /register --force/),
    ]);
    expect(found(ours)).toHaveLength(1);
  });

  test("finds one that claims the bot, contacts, or the aliases of their rooms for itself", () => {
    const claiming = (of: "users" | "aliases", regex: string) => {
      const namespaces = { users: [], aliases: [], rooms: [], [of]: [{ exclusive: true, regex }] };
      return found({ ...theirs, namespaces });
    };
    expect(claiming("users", "^@thirdparty:home\\.test$")).toEqual([
      bad(/^Its namespaces\.users claims @thirdparty for itself alone/, /Narrow that expression/),
    ]);
    expect(claiming("users", "^@_tpc_.*$")).toEqual([
      bad(/^Its namespaces\.users claims @_tpc_… for itself alone/, /appservice\.ghost_prefix/),
    ]);
    expect(claiming("aliases", "^#_tpc_.*$")).toEqual([
      bad(/^Its namespaces\.aliases claims #_tpc_… for itself alone/, /restart Synapse/),
    ]);
  });

  test("finds one that is not there, by the line that lists it, and leaves one that is none to its owner", () => {
    expect(found(undefined)).toEqual([
      bad(
        /^It lists \S+irc\.yaml, which is not there\.$/,
        /Take that line out, or Synapse does not start/,
        `${list}:2`,
      ),
    ]);
    writeFileSync(other, "no: registration\n");
    expect(found(undefined)).toEqual([]);
  });
});
