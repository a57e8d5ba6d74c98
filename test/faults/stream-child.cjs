// Runs streams as a process of its own, to be killed, stopped and stalled; uses what `npm run build` made.
const { closePools: closeSinkPools } = require("../../dist/databases/postgres/pool.js");
const { closePools: closeSourcePools } = require("../../dist/databases/sqlserver/pool.js");
const { Stream } = require("../../dist/stream/run/stream.js");

let current;

function tell(message) {
  return new Promise((resolve) => process.send(message, resolve));
}

/** What was asked for at a named step is done there, once. */
async function passStep(run, step, about) {
  run.passed[step] = (run.passed[step] ?? 0) + 1;
  run.last = [step, about];
  const { arm } = run;
  if (arm === undefined || arm.step !== step) return;
  arm.nth -= 1;
  if (arm.nth > 0) return;
  run.arm = undefined;
  await tell({ type: "struck", step, about });
  if (arm.act === "kill") process.kill(process.pid, "SIGKILL");
  if (arm.act === "freeze") process.kill(process.pid, "SIGSTOP");
  if (arm.act === "stall") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, arm.forMs);
  if (arm.act === "hold") await new Promise((resolve) => (run.letGo = resolve));
}

/** Ends what is held, and what would be. */
function letGo(run) {
  if (run?.arm?.act === "hold") run.arm = undefined;
  run?.letGo?.();
}

/** What a stream that doesn't end is doing. */
function whereIs({ last, stream, control }) {
  return JSON.stringify({
    last,
    aborted: control.signal.aborted,
    status: stream.status(),
    open: process.getActiveResourcesInfo(),
  });
}

async function runStream(settings, arm) {
  const control = new AbortController();
  const run = { control, arm, passed: {}, last: undefined };
  current = run;
  const { sources, ...options } = settings;
  const stream = (run.stream = new Stream({
    ...options,
    sourceConfig: (_connection, database) => sources[database],
    serverName: () => "erp",
    signal: control.signal,
    onStep: (step, about) => passStep(run, step, about),
    onEvent: (event) => {
      if (event.level === "warn" || event.level === "error") process.send({ type: "event", text: event.text });
    },
  }));
  const outcome = await stream.run().then(
    ({ healthy, status }) => ({ healthy, tables: status.tables, sources: status.sources }),
    (error) => ({ error: error.message, code: error.code, stack: error.stack }),
  );
  closeSourcePools();
  await closeSinkPools();
  current = undefined;
  await tell({ type: "done", outcome, passed: run.passed });
}

process.on("message", (message) => {
  if (message.type === "run") void runStream(message.settings, message.arm);
  else if (message.type === "arm" && current !== undefined) current.arm = message.arm;
  else if (message.type === "go") letGo(current);
  else if (message.type === "tell" && current !== undefined) void tell({ type: "event", text: whereIs(current) });
  else if (message.type === "stop") current?.control.abort();
});
process.on("SIGTERM", () => current?.control.abort());
process.on("disconnect", () => process.exit(0));
void tell({ type: "ready" });
