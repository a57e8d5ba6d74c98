const { writeFileSync } = require("node:fs");

/** Jest reporter: writes how many tests passed and failed to the file that CDC_TEST_COUNTS names. */
class CountReporter {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    writeFileSync(process.env.CDC_TEST_COUNTS, JSON.stringify({ passed, failed: failed + skipped }));
  }
}

module.exports = CountReporter;
