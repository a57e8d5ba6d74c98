#!/usr/bin/env node
import { EXIT } from "./exit-code";
import { processIo } from "./io";
import { run } from "./run";

const LEFTOVERS_MS = 200;

const controller = new AbortController();

/** Whether the command that runs stops by itself when told so; else Ctrl-C ends the process at once. */
let stopsItself = false;

const io = processIo(() => {
  stopsItself = true;
  return controller.signal;
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (controller.signal.aborted || !stopsItself) process.exit(EXIT.interrupted);
    process.stderr.write("\nstopping after what is under way; again to stop at once\n");
    controller.abort();
  });
}

// A reader that went away (`cdc up | head`) must not end a run half way: what is written after is dropped.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

void run(process.argv.slice(2), io).then((code) => {
  process.exitCode = code === EXIT.fine ? (process.exitCode ?? EXIT.fine) : code;
  // Told to stop: connections that something holds must not keep the process.
  if (controller.signal.aborted) setTimeout(() => process.exit(), LEFTOVERS_MS).unref();
});
