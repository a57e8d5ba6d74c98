import { nodeProvider, runLab } from "../../test/harness/task-lab";
import type { TaskEvent } from "./events";

/** So long that no provider which means to tell that it is alive is kept from it by a busy machine. */
const SILENCE_MS = 2_000;
const SILENCE = { silenceTimeoutMs: SILENCE_MS };
/** Takes lines and confirms them; promises no heartbeats, so nobody judges it. */
const OUTPUT = 'let count = 0; onStart = () => ready("ack"); onLine = () => say({ type: "ack", count: ++count });';
/** Stays, and says nothing, whatever it is told. */
const SILENT = "onEnd = () => {}; setInterval(() => {}, 1000);";

function told(events: readonly TaskEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.event === "error") return [`error ${event.code} ${event.role ?? ""}`];
    return event.event === "restart" || event.event === "stopped" ? [event.event] : [];
  });
}

test("an input that has promised heartbeats and falls silent is told, ended, and started again", async () => {
  const input = nodeProvider(`${SILENT}
    let beats;
    onStart = ({ state }) => {
      ready("ack", "state", "heartbeat");
      beats = setInterval(() => say({ type: "heartbeat" }), 50);
      say(line(state === undefined ? 1 : 2));
      if (state !== undefined) { say({ type: "eof" }); process.stdout.end(() => process.exit(0)); }
      else say({ type: "state", count: 1, state: "one" });
    };
    // Its line was confirmed: from now on it says nothing.
    onLine = () => clearInterval(beats);`);
  const restart = { max: 1, firstMs: 1, longestMs: 1 };
  const run = await runLab({ input, output: nodeProvider(OUTPUT), ...SILENCE, restart });
  expect(run).toMatchObject({ exitCode: 0, ended: "eof", counters: { lines: 2, acked: 2, restarts: 1 } });
  expect(told(run.events)).toEqual(["error CDC_PROVIDER_SILENT input", "restart", "stopped"]);
});

test("a silent output ends the run when no restart is left, and says whose silence it was", async () => {
  const input = nodeProvider(`onStart = () => { ready("ack"); say(line(1)); };`);
  const output = nodeProvider(`${SILENT} onStart = () => ready("ack", "heartbeat");`);
  const run = await runLab({ input, output, ...SILENCE });
  expect(run).toMatchObject({
    ended: "failed",
    failure: {
      code: "CDC_PROVIDER_SILENT",
      role: "output",
      message: expect.stringContaining("has sent nothing for 2 s, not even a heartbeat"),
    },
    counters: { acked: 0 },
  });
  expect(run.exitCode).not.toBe(0);
});

test("who promises no heartbeats may be silent, and so may anybody where no limit is set", async () => {
  const late = `onLine = () => setTimeout(() => { say({ type: "eof" }); process.exit(0); }, ${SILENCE_MS * 1.5});`;
  const run = (capabilities: string, silenceTimeoutMs: number) =>
    runLab({
      input: nodeProvider(`onStart = () => { ready(${capabilities}); say(line(1)); }; ${late}`),
      output: nodeProvider(OUTPUT),
      silenceTimeoutMs,
    });
  const runs = await Promise.all([run('"ack"', SILENCE_MS), run('"ack", "heartbeat"', 0)]);
  for (const one of runs) expect(one).toMatchObject({ exitCode: 0, counters: { lines: 1, acked: 1, restarts: 0 } });
});

test("an input that nobody reads, since the output takes its time, isn't taken for silent", async () => {
  const LINES = 400;
  const input = nodeProvider(`
    onStart = () => {
      ready("ack", "heartbeat");
      const data = (id) => ({ data: { id, fill: "x".repeat(10000) }, metadata: { TableName: "T", OperationType: "Insert" } });
      for (let id = 1; id <= ${LINES}; id++) say(data(id));
      say({ type: "eof" });
      process.stdout.end(() => process.exit(0));
    };`);
  const output = nodeProvider(`let count = 0;
    onStart = () => {
      ready("ack");
      process.stdin.pause();
      setTimeout(() => process.stdin.resume(), ${SILENCE_MS * 2});
    };
    onLine = () => say({ type: "ack", count: ++count });`);
  const run = await runLab({ input, output, ...SILENCE });
  expect(run).toMatchObject({ exitCode: 0, counters: { lines: LINES, acked: LINES, restarts: 0 } });
});
