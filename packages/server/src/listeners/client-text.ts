const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names and passwords as clients send them: UTF-8, or Latin-1 from older clients. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}
