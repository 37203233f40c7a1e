/** Runs a command; an expected failure is a message and exit code 1, without a stack. */
export async function orExplain(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    // Only now: to know all errors, it needs much code that the start of a server does not wait for.
    const { explain } = await import('./expected-errors.ts');
    const message = explain(error);
    if (message === null) throw error;
    console.error(`\n${message}`);
    process.exitCode = 1;
  }
}
