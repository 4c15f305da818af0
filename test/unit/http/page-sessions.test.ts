import { expect, test } from "@jest/globals";
import type { UserId } from "../../../src/core/model/ids.ts";
import { PageSessions } from "../../../src/http/provisioning/caller/page-sessions.ts";

const person = (number: number): UserId => `@person-${number}:elsewhere.test` as UserId;

test("sessions of ever so many people are two thousand at most, those that were used last", () => {
  const sessions = new PageSessions({ now: () => 1_000 });
  const [first = "", second = ""] = [1, 2].map((number) => sessions.open(person(number)));
  const others = Array.from({ length: 1_998 }, (_, number) => sessions.open(person(3 + number)));
  expect(sessions.session(first)?.user).toBe(person(1));
  const late = sessions.open(person(0));
  expect(sessions.session(second)).toBeUndefined();
  for (const token of [first, late, others[0] ?? ""]) expect(sessions.session(token)).toBeDefined();
});

test("a session that is over takes nobody's place", () => {
  let now = 0;
  const sessions = new PageSessions({ now: () => now });
  for (let number = 0; number < 1_999; number += 1) sessions.open(person(number));
  now = 3_591_999;
  const kept = sessions.open(person(-1));
  now = 3_600_001;
  for (let number = 0; number < 1_999; number += 1) sessions.open(person(number));
  expect(sessions.session(kept)?.user).toBe(person(-1));
});
