import { expect, test } from "@jest/globals";
import { stateWords } from "../../../src/commands/status.ts";
import type { Login } from "../../../src/core/ports/rows.ts";

const login: Login = {
  id: "l1",
  user: "@ana:example.org",
  network: "signal",
  visibleId: "+31612345678",
  account: "{}",
  state: "active",
  consentVersion: 1,
  consentAt: 0,
} as Login;

test("a login without its network says once that it is tried again, and what becomes of messages", () => {
  const state = { kind: "waiting", words: "The connection to Signal is broken." } as const;
  const context = { connections: { state: () => state }, networks: new Map() };
  expect(stateWords(login, "signal", context as unknown as Parameters<typeof stateWords>[2])).toBe(
    "on, not connected at the moment. The connection to Signal is broken. It is tried again by itself; messages wait meanwhile",
  );
});
