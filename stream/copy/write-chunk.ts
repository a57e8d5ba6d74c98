/** Takes a chunk of COPY text, which it may keep; what it promises is when it takes more. */
export type WriteChunk = (chunk: Buffer) => Promise<void> | undefined;
