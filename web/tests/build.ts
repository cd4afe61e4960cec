/** Lay out header and sections as src/utterface/pages/sections.py does. */
export function build(header: object, sections: ArrayBufferView[]): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes: number[] = [...new Uint8Array(new Uint32Array([text.length]).buffer), ...text];
  for (const section of sections) {
    while (bytes.length % 4) bytes.push(0);
    bytes.push(...new Uint8Array(section.buffer, section.byteOffset, section.byteLength));
  }
  return Uint8Array.from(bytes).buffer;
}
