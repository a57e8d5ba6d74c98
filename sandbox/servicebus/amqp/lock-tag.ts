/** The delivery tag of a lock: its UUID in the byte order of .NET, first three groups turned around. */
export function tagOf(token: string): Buffer {
  const tag = Buffer.from(token.replaceAll("-", ""), "hex");
  tag.subarray(0, 4).reverse();
  tag.subarray(4, 6).reverse();
  tag.subarray(6, 8).reverse();
  return tag;
}
