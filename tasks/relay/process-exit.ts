const atExit = new Set<(code: number) => void>();

process.on("exit", (code) => {
  for (const act of atExit) act(code);
});

/** Calls a function when this process ends in whatever way it can notice; the answer takes that back. */
export function onProcessExit(act: (code: number) => void): () => void {
  atExit.add(act);
  return () => atExit.delete(act);
}
