const order = ["unit", "contract", "flow", "pages", "e2e", "chaos"];
/** What takes most of a minute and more, so that neither worker is left with one of them at the end. */
const long = ["e2e/package", "chaos/homeserver-poison", "chaos/kill", "e2e/demo"];

/**
 * Quick tests first; those that run a browser or a Synapse come last, so that they share the machine only with each
 * other, and of these the longest come first.
 */
export default class QuickFirst {
  sort(tests) {
    const rank = ({ path }) => {
      const isLong = long.some((name) => path.endsWith(`/test/${name}.test.ts`));
      return isLong
        ? order.indexOf("pages") - 0.5
        : order.findIndex((folder) => path.includes(`/test/${folder}/`));
    };
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
