/** Where people are told what happens; standard output stays for what was asked for. */
const out = process.stderr;

/** @param {string} text */
export function say(text) {
  out.write(`${text}\n`);
}

/**
 * Shows that a long step runs and for how long, until it is done.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
export async function withProgress(title, step) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const show = () => out.write(out.isTTY ? `\r${title} ... ${seconds()} s` : `${title} ... ${seconds()} s\n`);
  out.write(`${title} ...${out.isTTY ? '' : '\n'}`);
  const timer = setInterval(show, out.isTTY ? 1_000 : 15_000);
  try {
    const result = await step();
    out.write(`${out.isTTY ? '\r' : ''}${title} ... done in ${seconds()} s\n`);
    return result;
  } catch (error) {
    out.write(`${out.isTTY ? '\r' : ''}${title} ... failed after ${seconds()} s\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
