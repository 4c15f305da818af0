/**
 * Prints, as the very last line, how many tests ran, and how many did not where some were skipped; a file that throws on
 * import counts as failed.
 */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } =
      results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const skipped = numPendingTests + numTodoTests;
    const rest = skipped === 0 ? "" : `, ${skipped} skipped`;
    process.on("exit", () => process.stdout.write(`${numPassedTests} passed, ${failed} failed${rest}\n`));
  }
}
