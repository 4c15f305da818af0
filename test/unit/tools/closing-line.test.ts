import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";

/** What the reporter prints at the end of a run with these counts. */
function closingLine(counts: Readonly<Record<string, number>>): string {
  const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  const results = { ...none, numRuntimeErrorTestSuites: 0, ...counts };
  const code = `import Reporter from "./test/kit/reporter.js";
    new Reporter().onRunComplete(new Set(), ${JSON.stringify(results)});`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" }).stdout;
}

test("the closing line has two counts where every test ran", () => {
  expect(closingLine({ numPassedTests: 7 })).toBe("7 passed, 0 failed\n");
  expect(closingLine({ numPassedTests: 7, numFailedTests: 1, numRuntimeErrorTestSuites: 1 })).toBe(
    "7 passed, 2 failed\n",
  );
});

test("the closing line counts what was skipped", () => {
  expect(closingLine({ numPassedTests: 7, numPendingTests: 2, numTodoTests: 1 })).toBe(
    "7 passed, 0 failed, 3 skipped\n",
  );
});
