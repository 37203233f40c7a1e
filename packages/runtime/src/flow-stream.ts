import http2, { type Http2Stream } from 'node:http2';
import type { FlowStream, FlowWindow } from './flow-control.ts';

/** An HTTP/2 stream as a flow, with its window. */
export function flowStream(stream: Http2Stream, window: FlowWindow): FlowStream {
  return {
    stream,
    window,
    reset: () => resetStream(stream),
    wasReset: () =>
      stream.destroyed || stream.aborted || (stream.rstCode ?? 0) !== http2.constants.NGHTTP2_NO_ERROR,
  };
}

/** Makes Node send RST_STREAM; the text is never seen by anyone. */
const RESET = Object.freeze(new Error('flow reset'));

/**
 * Ends a stream so that the peer sees a reset. `stream.close(CONNECT_ERROR)` is not the way, although RFC 9113
 * section 8.5 names that code: Node first ends the writable side, the peer gets END_STREAM before RST_STREAM, and a
 * cut transfer looks complete. A stream destroyed with an error sends RST_STREAM with INTERNAL_ERROR alone.
 */
function resetStream(stream: Http2Stream): void {
  if (!stream.destroyed) stream.destroy(RESET);
}
