/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/test/kit/strip-types.js" },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.demo", "<rootDir>/.cache", "<rootDir>/dist", "<rootDir>/tools/crypto-nodejs"],
  testSequencer: "<rootDir>/test/kit/sequencer.js",
  // Only a bound against hanging: nothing is told by how long a test takes.
  testTimeout: 60_000,
  reporters: ["default", "<rootDir>/test/kit/reporter.js"],
};
