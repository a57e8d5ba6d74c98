const atExit = new Set<() => void>();

process.on("exit", () => {
  for (const act of atExit) act();
});

/** Calls a function when this process ends in whatever way it can notice; the answer takes that back. */
export function onProcessExit(act: () => void): () => void {
  atExit.add(act);
  return () => atExit.delete(act);
}
