/** The version of the protocol that is spoken here. */
export const PROTOCOL_VERSION = 1;

/** Longest line in bytes, without its line end. */
export const MAX_LINE_BYTES = 100 * 1024 * 1024;
