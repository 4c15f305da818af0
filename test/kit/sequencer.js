const order = ["unit", "contract", "flow", "pages", "e2e", "chaos"];
/** What takes most of a minute and more, longest first. */
const long = [
  "e2e/package",
  "chaos/kill",
  "chaos/homeserver-poison",
  "e2e/demo",
  "chaos/full-disk",
  "chaos/homeserver-faults",
  "chaos/signal-kill",
  "pages/settings-login",
  "chaos/signal-session-kill",
  "e2e/room-endings",
  "pages/both-ends",
  "chaos/many-reactions",
  "pages/phone-chats",
  "chaos/interop-faults",
  "chaos/storm",
  "e2e/signal-people",
];

/** Where a test stands among the others; of two that stand alike, the name decides. */
function rank({ path }) {
  const asLong = long.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  // After the quick ones, before the other ones with programs of their own.
  if (asLong >= 0) return order.indexOf("pages") - 1 + (asLong + 1) / (long.length + 1);
  return order.findIndex((folder) => path.includes(`/test/${folder}/`));
}

/**
 * Quick tests first; those that run a browser or a Synapse come last, so that they share the machine only with each
 * other, and of these the longest come first, so that no worker is left alone with one of them at the end.
 */
export default class QuickFirst {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
