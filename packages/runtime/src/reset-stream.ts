import http2, { type Http2Stream } from 'node:http2';

/** Ends a stream so that the peer sees a reset, as RFC 9113 section 8.5 wants for a failed TCP connection. */
export function resetStream(stream: Http2Stream): void {
  if (stream.destroyed) return;
  stream.close(http2.constants.NGHTTP2_CONNECT_ERROR);
  // Data that waits for a reader would hold the stream open.
  stream.destroy();
}
