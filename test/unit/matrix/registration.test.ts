import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
  buildRegistration,
  differences,
  parseRegistration,
  type Registration,
  registrationProblems,
  registrationYaml,
  SAMPLE_TOKENS,
} from "../../../src/matrix/registration/registration.ts";
import { readRegistration, writeRegistration } from "../../../src/matrix/registration/registration-file.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "example.org" } as const;
const options = {
  ...names,
  id: "thirdpartychats",
  url: "http://127.0.0.1:29340",
  protocols: ["whatsapp", "messenger"],
} as const;

describe("the registration", () => {
  test("the sample file is what is written today", () => {
    const written = registrationYaml(buildRegistration({ ...options, tokens: SAMPLE_TOKENS }));
    expect(readFileSync("registration.yaml", "utf8")).toBe(written);
  });

  test("has both ephemeral flags, no rate limit, and the bot beside a sender nobody uses", () => {
    const made = buildRegistration(options);
    expect(made).toMatchObject({
      receive_ephemeral: true,
      "de.sorunome.msc2409.push_ephemeral": true,
      rate_limited: false,
    });
    expect(made.sender_localpart).not.toBe("thirdparty");
    expect(made.namespaces.users).toHaveLength(2);
    expect(made.namespaces.users.every(({ exclusive }) => exclusive)).toBe(true);
    expect(registrationProblems(made, names)).toEqual([]);
  });

  test("never claims anybody else", () => {
    const { users, aliases } = buildRegistration({ ...options, serverName: "a.b" }).namespaces;
    const claims = (id: string): boolean =>
      [...users, ...aliases].some(({ regex }) => new RegExp(regex).test(id));
    expect(claims("@_tpc_x:a.b")).toBe(true);
    expect(claims("@alice:a.b")).toBe(false);
    expect(claims("@thirdparty2:a.b")).toBe(false);
    expect(claims("@_tpc_x:axb")).toBe(false);
    expect(claims("@_tpc_x:a.b.evil")).toBe(false);
    expect(claims("#general:a.b")).toBe(false);
  });

  test.each([
    ["http://127.0.0.1:29340/", "http://127.0.0.1:29340"],
    ["http://Bridge:80", "http://bridge"],
    ["https://bridge:443/tpc//", "https://bridge/tpc"],
  ])("%s in it is the same address as %s in the configuration", (there, here) => {
    const registration = buildRegistration({ ...options, url: there });
    expect(differences(registration, { id: options.id, url: here })).toEqual([]);
  });

  test.each([
    ["http://127.0.0.1:29340", "https://127.0.0.1:29340"],
    ["http://127.0.0.1:29340", "http://127.0.0.1:29341"],
    ["http://bridge/a", "http://bridge/b"],
    ["", "http://bridge"],
  ])("%j in it is another address than %s in the configuration", (there, here) => {
    const registration = buildRegistration({ ...options, url: there });
    expect(differences(registration, { id: options.id, url: here })).toEqual([
      expect.stringContaining(`${here} in the configuration (appservice.url)`),
    ]);
  });

  test("has fresh tokens each time", () => {
    const [a, b] = [buildRegistration(options), buildRegistration(options)];
    expect(new Set([a.as_token, a.hs_token, b.as_token, b.hs_token]).size).toBe(4);
    expect(a.as_token.length).toBeGreaterThanOrEqual(43);
  });

  test("comes back from its file, readable by its owner only, and is never overwritten", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "registration.yaml");
    const made = buildRegistration(options);
    await writeRegistration(path, made);
    expect(await readRegistration(path, names)).toEqual(made);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(writeRegistration(path, made)).rejects.toThrow("is there already");
  });

  const good = buildRegistration(options);
  const spoilt: readonly [string, Partial<Registration>, string][] = [
    ["the sample's tokens", { as_token: SAMPLE_TOKENS.as }, "sample"],
    ["one token for both ways", { as_token: "same", hs_token: "same" }, "the same"],
    ["the bot as sender", { sender_localpart: "thirdparty" }, "sender_localpart"],
    ["no namespace", { namespaces: { users: [], aliases: [], rooms: [] } }, "namespaces.users"],
    [
      "a regex that is none",
      { namespaces: { users: [{ exclusive: true, regex: "(" }], aliases: [], rooms: [] } },
      "namespaces.users",
    ],
    ["no ephemeral events", { receive_ephemeral: false }, "receive_ephemeral"],
    ["rate limits", { rate_limited: true }, "rate_limited"],
  ];
  test.each(spoilt)("is refused with %s", (_name, change, word) => {
    expect(registrationProblems({ ...good, ...change }, names).join(" ")).toContain(word);
  });

  test.each([
    ["no YAML", "\t{", "not YAML"],
    ["a list", "- a", "the file itself"],
    ["no token", registrationYaml(good).replace(/^as_token:.*$/m, ""), "as_token"],
    ["a number as url", registrationYaml(good).replace(/^url:.*$/m, "url: 3"), "url"],
  ])("says what is wrong with %s", (_name, text, word) => {
    const parsed = parseRegistration(text);
    const words = parsed.kind === "problem" ? parsed.words : "";
    expect(words).toContain(word);
    expect(words).toContain("Write it anew with the register command (--force).");
  });

  test("a file that is not there is named", async () => {
    await expect(readRegistration("/nowhere/registration.yaml", names)).rejects.toThrow(
      "/nowhere/registration.yaml",
    );
  });
});
