import { writeFileSync } from 'node:fs';

/**
 * Counts for `npm test`, which prints them as its last line. A file that could not be run counts as one failure. Jest
 * wants a reporter to be a module's default export.
 */
export default class TallyReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.STEWARD_TEST_TALLY;
    if (file === undefined) return;
    const tally = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(file, JSON.stringify(tally));
  }
}
