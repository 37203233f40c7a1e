/**
 * Calls `onGone` once when the process that started us has vanished, however it ended. The kernel closes the IPC
 * channel that the parent made (`stdio: [..., 'ipc']`), so `kill -9` is noticed at once, on every system, and nothing
 * has to be polled. A program that was started without a channel, as by a service manager, is not watched.
 * Answers a function that ends the watch.
 */
export function watchParent(onGone: () => void): () => void {
  if (!process.connected) return () => {};
  process.once('disconnect', onGone);
  // The listener would keep the process alive for as long as the parent lives.
  process.channel?.unref();
  return () => {
    process.off('disconnect', onGone);
  };
}
