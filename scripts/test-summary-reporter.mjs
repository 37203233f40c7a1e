import { writeFileSync } from 'node:fs';

/**
 * @typedef {object} TestSummary
 * @property {number} passed
 * @property {number} failed tests, files that could not be run, and errors outside of tests
 * @property {number} skipped
 * @property {string[]} skips name and reason of each skipped test
 * @property {string[]} unsteady name of each test that passed only when it was tried again
 */

/**
 * Vitest reporter that counts, for the last line of `npm test`.
 * @implements {Pick<import('vitest/node').Reporter, 'onTestRunEnd'>}
 */
export default class TestSummaryReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.TEST_SUMMARY_FILE;
    if (file !== undefined) writeFileSync(file, JSON.stringify(summarize(modules, unhandledErrors)));
  }
}

/**
 * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
 * @param {ReadonlyArray<unknown>} unhandledErrors
 * @returns {TestSummary}
 */
function summarize(modules, unhandledErrors) {
  const summary = {
    passed: 0,
    failed: unhandledErrors.length,
    skipped: 0,
    skips: /** @type {string[]} */ ([]),
    unsteady: /** @type {string[]} */ ([]),
  };
  for (const module of modules) {
    let failedTests = 0;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (test.diagnostic()?.flaky) summary.unsteady.push(`${module.relativeModuleId} > ${test.fullName}`);
      if (result.state === 'passed') summary.passed++;
      else if (result.state === 'failed') failedTests++;
      else {
        summary.skipped++;
        const note = result.state === 'skipped' && result.note ? `: ${result.note}` : '';
        summary.skips.push(`${module.relativeModuleId} > ${test.fullName}${note}`);
      }
    }
    // A file that does not load, or a hook that fails, takes its tests with it.
    summary.failed += failedTests === 0 && module.state() === 'failed' ? 1 : failedTests;
  }
  return summary;
}
