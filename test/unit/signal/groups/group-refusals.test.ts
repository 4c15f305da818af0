import { expect, test } from "@jest/globals";
import { groupRefusal } from "../../../../src/networks/signal/session/groups/group-refusals.ts";

test.each([
  [429, { "retry-after": "90" }, /takes no more from you for 1 minute and 30 seconds/, 90_000],
  [429, {}, /takes no more from you for/, 60_000],
  [499, {}, /no longer serves this version of the bridge\. Whoever runs it should update it/, 600_000],
  [503, { "retry-after": "5" }, /does not take this at the moment \(error 503\)/, 5_000],
  [503, {}, /does not take this at the moment \(error 503\)/, 0],
])(
  "a change of a group that is answered with %s and %j waits, with words",
  (status, headers, words, wait) => {
    expect(groupRefusal({ status, headers })).toMatchObject({
      reason: "remote-unreachable",
      words: expect.stringMatching(words),
      retryAfter: wait,
      outage: true,
    });
  },
);
