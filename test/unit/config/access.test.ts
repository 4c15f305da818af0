import { expect, test } from "@jest/globals";
import { accessOf } from "../../../src/config/access.ts";
import type { UserId } from "../../../src/core/model/ids.ts";

test("the nearest entry decides: the person, then their server, then everybody", () => {
  const access = accessOf({ "*": "user", "example.org:8448": "admin", "@bob:example.org:8448": "user" });
  expect(access.levelOf("@ana:example.org:8448" as UserId)).toBe("admin");
  expect(access.levelOf("@bob:example.org:8448" as UserId)).toBe("user");
  expect(access.levelOf("@cee:elsewhere.org" as UserId)).toBe("user");
});

test("who is not named has no access, names of the language included", () => {
  const access = accessOf({ "example.org": "user" });
  expect(access.levelOf("@ana:sub.example.org" as UserId)).toBe("none");
  expect(access.levelOf("@ana:constructor" as UserId)).toBe("none");
});
