import diagnostics from 'node:diagnostics_channel';

// Runs first in the bundled agent. pino asks for a tracing channel, which Node.js has since 18.19 only; one that nobody
// listens to makes no difference.
diagnostics.tracingChannel ??= /** @type {any} */ (() => ({ hasSubscribers: false }));
