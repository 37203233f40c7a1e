import { writeFileSync } from 'node:fs';

/**
 * @typedef {object} FileResult
 * @property {string} path absolute
 * @property {number} passed
 * @property {string[]} failures name of each test that failed; of the file if it could not be run
 * @property {number} skipped
 * @property {string[]} skips name and reason of each skipped test
 */

/**
 * @typedef {object} RunResult
 * @property {FileResult[]} files
 * @property {number} errors outside of tests
 */

/**
 * Vitest reporter that writes down what became of each file, for the end of `npm test`.
 * @implements {Pick<import('vitest/node').Reporter, 'onTestRunEnd'>}
 */
export default class TestSummaryReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.TEST_SUMMARY_FILE;
    if (file === undefined) return;
    /** @type {RunResult} */
    const result = { files: modules.map(resultOf), errors: unhandledErrors.length };
    writeFileSync(file, JSON.stringify(result));
  }
}

/**
 * @param {import('vitest/node').TestModule} module
 * @returns {FileResult}
 */
function resultOf(module) {
  const name = module.relativeModuleId;
  const result = {
    path: module.moduleId,
    passed: 0,
    failures: /** @type {string[]} */ ([]),
    skipped: 0,
    skips: /** @type {string[]} */ ([]),
  };
  for (const test of module.children.allTests()) {
    const outcome = test.result();
    const title = `${name} > ${test.fullName}`;
    if (outcome.state === 'passed') result.passed++;
    else if (outcome.state === 'failed') result.failures.push(title);
    else {
      result.skipped++;
      result.skips.push(outcome.state === 'skipped' && outcome.note ? `${title}: ${outcome.note}` : title);
    }
  }
  // A file that does not load, or a hook that fails, takes its tests with it.
  if (result.failures.length === 0 && module.state() === 'failed') result.failures.push(name);
  return result;
}
