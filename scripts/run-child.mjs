import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Ctrl-C comes twice, from the terminal and from npm, which hands on what it gets: both mean one wish. */
const SAME_WISH_MS = 1_000;
const PARENT_POLL_MS = 500;

/**
 * Runs a program to its end, as if it were us: SIGINT, SIGTERM and SIGHUP are handed on once, and it is asked to stop
 * when npm has vanished. It holds the other end of an IPC channel, so that it can tell when we have vanished.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} exit code
 */
export function runChild(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    // In a process group of its own: the terminal's Ctrl-C reaches us alone, and we hand it on.
    const child = spawn(command, args, {
      env,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
    child.on('error', reject);
    const stopWatching = watchNpm(() => void child.kill('SIGTERM'));
    const stopHandling = handOnSignals((signal) => {
      // A signal to all of us ends npm too, which says nothing new.
      stopWatching();
      child.kill(signal);
    });
    child.on('exit', (code, signal) => {
      stopHandling();
      stopWatching();
      resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1));
    });
  });
}

/**
 * @param {(signal: NodeJS.Signals) => void} send
 * @returns {() => void} ends it
 */
function handOnSignals(send) {
  let lastAt = Number.NEGATIVE_INFINITY;
  const handle = (/** @type {NodeJS.Signals} */ signal) => {
    const now = performance.now();
    if (now - lastAt < SAME_WISH_MS) return;
    lastAt = now;
    send(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}

/**
 * Calls `onGone` when the npm that runs us is gone without having told us. Started otherwise, we are not watched
 * over: a shell that starts a server may well end before it.
 * @param {() => void} onGone
 * @returns {() => void} ends it
 */
function watchNpm(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const before = parents();
  const timer = setInterval(() => {
    if (parents() === before) return;
    clearInterval(timer);
    onGone();
  }, PARENT_POLL_MS);
  return () => clearInterval(timer);
}

/** Our parent; and its parent too if ours is the shell that npm runs scripts with. */
function parents() {
  const parent = process.ppid;
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    // The name is in parentheses; the state and the parent follow it.
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    if (/^(ba|da|)sh$/.test(name)) return `${parent} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    // No /proc here, or the parent is gone.
  }
  return String(parent);
}
