import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { typedContact } from "../../../../src/networks/signal/contacts/typed-contact.ts";

const uuid = "11111111-2222-4333-8444-555555555555";

describe("what somebody types to name a contact", () => {
  test.each([
    [uuid.toUpperCase(), { kind: "account", person: uuid }],
    ["+31 6 1234-5678", { kind: "number", number: "+31612345678" }],
    ["0031612345678", { kind: "number", number: "+31612345678" }],
    ["https://signal.me/#p/+31612345678", { kind: "number", number: "+31612345678" }],
    ["@Bram.01", { kind: "username", username: "Bram.01" }],
    ["bram_de_wit.1234", { kind: "username", username: "bram_de_wit.1234" }],
    ["Bram de Wit", { kind: "name", name: "Bram de Wit" }],
    ["bram.1", { kind: "name", name: "bram.1" }],
    ["https://signal.me/#eu/short", { kind: "unclear", what: "link" }],
    ["06 1234 5678", { kind: "unclear", what: "number" }],
    ["+06 1234 5678", { kind: "unclear", what: "number" }],
    ["+3161234567812345", { kind: "unclear", what: "number" }],
    ["112", { kind: "name", name: "112" }],
    ["", { kind: "name", name: "" }],
  ])("%j", (typed, expected) => {
    expect(typedContact(typed)).toEqual(expected);
  });

  test("a link to a username holds what opens it and where it is", () => {
    const bytes = fc.uint8Array({ minLength: 48, maxLength: 48 });
    fc.assert(
      fc.property(
        bytes,
        fc.constantFrom("https://signal.me/#eu/", "sgnl://signal.me/#eu/"),
        (all, before) => {
          const found = typedContact(before + Buffer.from(all).toString("base64url"));
          expect(found).toEqual({
            kind: "link",
            entropy: all.slice(0, 32),
            uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          });
          expect(found.kind === "link" && found.uuid.replaceAll("-", "")).toBe(
            Buffer.from(all.slice(32)).toString("hex"),
          );
        },
      ),
    );
  });
});
