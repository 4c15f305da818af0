/** Prints the one closing line that says how many tests ran; a file that throws on import counts as failed. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    process.stdout.write(
      `${results.numPassedTests} passed, ${results.numFailedTests + results.numRuntimeErrorTestSuites} failed\n`,
    );
  }
}
