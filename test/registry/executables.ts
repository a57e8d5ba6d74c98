/** The first bytes of a program for Linux. */
export function elfOf(architecture: "amd64" | "arm64"): Buffer {
  const head = Buffer.alloc(64);
  head.writeUInt32BE(0x7f454c46, 0);
  head[4] = 2;
  head[5] = 1;
  head.writeUInt16LE(architecture === "amd64" ? 62 : 183, 18);
  return head;
}

/** The first bytes of a program for macOS. */
export function machOf(architecture: "amd64" | "arm64"): Buffer {
  const head = Buffer.alloc(64);
  head.writeUInt32LE(0xfeedfacf, 0);
  head.writeUInt32LE(architecture === "amd64" ? 0x01000007 : 0x0100000c, 4);
  return head;
}

/** The first bytes of a program for Windows. */
export function peOf(architecture: "amd64" | "arm64"): Buffer {
  const head = Buffer.alloc(256);
  head.write("MZ", 0);
  head.writeUInt32LE(128, 0x3c);
  head.write("PE\u0000\u0000", 128, "latin1");
  head.writeUInt16LE(architecture === "amd64" ? 0x8664 : 0xaa64, 132);
  return head;
}
