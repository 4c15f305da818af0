/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/test/kit/strip-types.js" },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.demo", "<rootDir>/.cache", "<rootDir>/dist", "<rootDir>/tools/crypto-nodejs"],
  // Each look at a global takes far longer in Jest's sandbox than elsewhere; packages that reckon look at this one most.
  sandboxInjectedGlobals: ["Math"],
  testSequencer: "<rootDir>/test/kit/sequencer.js",
  // Only a bound against hanging: nothing is told by how long a test takes.
  testTimeout: 60_000,
  // A worker that ran hundreds of files is slow to end on a busy machine; one that something keeps alive never does.
  workerGracefulExitTimeout: 10_000,
  reporters: ["default", "<rootDir>/test/kit/reporter.js"],
};
