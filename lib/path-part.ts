const FORBIDDEN = /[/\\:*?"<>|%\u0000-\u001f\u007f]/g;
/** Names that Windows keeps for devices. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** A name as a part of a path on every system: what can't be in one is percent-encoded. */
export function pathPart(name: string): string {
  const safe = name.replace(FORBIDDEN, encode).replace(/^\.|[. ]$/g, encode);
  return DEVICE.test(safe) ? encode(safe.charAt(0)) + safe.slice(1) : safe;
}

function encode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
