const order = ["unit", "contract", "flow", "e2e", "chaos"];

/** Quick tests first; those that run a Synapse come last, so that they share the machine only with each other. */
export default class QuickFirst {
  sort(tests) {
    const rank = ({ path }) => order.findIndex((folder) => path.includes(`/test/${folder}/`));
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
