/** Whether a schema's name can stand in identifiers and in constants alike, so that a text with its placeholder is right. */
export function isPlain(schema: string): boolean {
  return !/["'\\${}\u0000-\u001f\u007f\uE000\uE001]/.test(schema);
}
