/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/test/kit/strip-types.js" },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.demo", "<rootDir>/.cache", "<rootDir>/tools/crypto-nodejs"],
  testSequencer: "<rootDir>/test/kit/sequencer.js",
  reporters: ["default", "<rootDir>/test/kit/reporter.js"],
};
