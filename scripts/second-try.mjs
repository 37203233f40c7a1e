/** Of more files than these, chance is no explanation. */
const MOST_FILES = 5;

/**
 * The files that are to be run once more: whole systems share a machine with whatever else it does, which can take it
 * for seconds. A fresh run of a file has no leftovers of the first one.
 * @param {import('./test-summary-reporter.mjs').RunResult} run
 * @returns {string[]} absolute paths; none where a second try would tell nothing
 */
export function worthASecondTry({ files, errors }) {
  const failed = files.filter(({ failures }) => failures.length > 0).map(({ path }) => path);
  return errors > 0 || failed.length > MOST_FILES ? [] : failed;
}

/**
 * What both runs came to: files of the second one count instead of their first run.
 * @param {import('./test-summary-reporter.mjs').RunResult} first
 * @param {import('./test-summary-reporter.mjs').RunResult} [second]
 */
export function summarize(first, second = { files: [], errors: 0 }) {
  const again = new Map(second.files.map((file) => [file.path, file]));
  const files = first.files.map((file) => again.get(file.path) ?? file);
  const stillFailed = new Set(files.flatMap(({ failures }) => failures));
  return {
    passed: sum(files.map(({ passed }) => passed)),
    failed: sum(files.map(({ failures }) => failures.length)) + first.errors + second.errors,
    skipped: sum(files.map(({ skipped }) => skipped)),
    skips: files.flatMap(({ skips }) => skips),
    /** Names of what passed only at the second try. */
    unsteady: first.files.flatMap(({ failures }) => failures).filter((name) => !stillFailed.has(name)),
  };
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
