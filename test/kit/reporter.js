/** Prints, as the very last line, how many tests ran; a file that throws on import counts as failed. */
export default class ClosingLine {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    process.on("exit", () => process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`));
  }
}
