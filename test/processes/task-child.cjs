// Runs a task as a process of its own, to be measured, signalled or killed: <options of runTask as JSON>; writes every
// event as a line, and the result with its largest resident memory in MB as the last one. Recorded when the options name
// a folder. Uses what `npm run build` made.
const { readFileSync } = require("node:fs");
const { recordRun } = require("../../dist/tasks/detached");
const { runTask } = require("../../dist/tasks/relay");

const control = new AbortController();
process.on("SIGTERM", () => (control.signal.aborted ? process.exit(130) : control.abort()));

const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const quiet = process.argv[3] === "quiet";

const options = JSON.parse(process.argv[2]);
const run = options.directory === undefined ? runTask : recordRun;

// Not maxRSS: Linux lets a process begin with that of its parent.
function largestMb() {
  const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
  return Math.round(Number(kb) / 1024);
}

run({
  ...options,
  signal: control.signal,
  onEvent: (event) => {
    if (!quiet || event.event !== "log") tell(event);
  },
}).then((result) => {
  tell({ ...result, maxRssMb: largestMb() });
  process.exitCode = result.exitCode;
});
