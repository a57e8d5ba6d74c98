import { eventually } from "../../test/harness/eventually";
import { console_, counter, nodeProvider, runLab, shellProvider, temporaryFolder } from "../../test/harness/task-lab";
import { startTask } from "../../test/harness/task-process";
import { encodeMessage } from "../protocol/encode";
import type { TaskEvent } from "./events";
import { runLifecycleCommand, type LifecycleCommandOptions } from "./lifecycle-command";

/** Longer than any test: what waits for it does not end in time. */
const NEVER_MS = 600_000;

const SUCCEEDED = '{"type":"result","command":"plan","status":"succeeded","message":"fine"}';

/** Confirms only what it is asked to at the end of stdin, and tells how many lines came. */
const COUNTING = `
  let count = 0;
  onStart = () => ready("ack");
  onLine = () => { count += 1; };
  onEnd = () => { say({ type: "text", text: String(count) }); say({ type: "ack", count }); };`;

function lifecycle(provider: LifecycleCommandOptions["provider"], more: Partial<LifecycleCommandOptions> = {}) {
  const signal = new AbortController().signal;
  return runLifecycleCommand({ task: "lab", role: "output", command: "plan", provider, signal, ...more });
}

function onceBothReady(act: () => void): (event: TaskEvent) => void {
  let ready = 0;
  return ({ event }) => {
    if (event === "ready" && ++ready === 2) act();
  };
}

describe("defects of earlier task runners", () => {
  test.each([1, 10, 100, 1000, 10_000, 100_000])(
    "A: of %d lines the last arrives, though the input exits right after its last write",
    async (count) => {
      // Twice: once in one large write, once line by line. exit() follows the last write at once.
      for (const how of ["whole", "each"]) {
        const input = shellProvider(
          how === "whole"
            ? `read -r c; echo '{"status":"ready"}'; yes '{"data":{},"metadata":{}}' | head -n ${String(count)}`
            : `read -r c; echo '{"status":"ready"}'; i=0; while [ $i -lt ${String(Math.min(count, 1000))} ]; do echo '{"data":{},"metadata":{}}'; i=$((i+1)); done`,
        );
        const run = await runLab({ input, output: nodeProvider(COUNTING) });
        const expected = how === "whole" ? count : Math.min(count, 1000);
        expect(run).toMatchObject({ exitCode: 0, stdout: `${String(expected)}\n`, counters: { acked: expected } });
      }
    },
  );

  test("B: the result is read in each of 40 runs, though the provider exits right after it", async () => {
    for (let run = 0; run < 40; run++) {
      const result = await lifecycle(shellProvider(`read -r c; echo '${SUCCEEDED}'`));
      expect(result).toMatchObject({ status: "succeeded", message: "fine" });
    }
  });

  test.each([
    ["says so and exits with 0", `echo '{"status":"Failed","error":"quota"}'`, { message: "quota" }],
    ["writes no result", "true", { code: "CDC_PROVIDER_NO_RESULT" }],
    ["says succeeded and exits with 3", `echo '${SUCCEEDED}'; exit 3`, { code: "CDC_PROVIDER_GONE" }],
    ["refuses its config", `echo '{"type":"error","code":"CDC_X","message":"no"}'; exit 2`, { code: "CDC_X" }],
    ["can't be started", undefined, { code: "CDC_PROVIDER_NOT_STARTED" }],
  ])("C: a command fails when its provider %s", async (_title, script, error) => {
    const missing = { name: "missing", file: "./no-such-provider", args: [], config: {} };
    const result = await lifecycle(script === undefined ? missing : shellProvider(`read -r c; ${script}`));
    expect(result).toMatchObject({ status: "failed", error });
  });

  test("D: a stop ends when both providers have ended, and kills none that ends by itself", async () => {
    const control = new AbortController();
    const run = await runLab({
      input: counter({ interval: 1 }),
      output: nodeProvider(COUNTING),
      signal: control.signal,
      stopTimeoutMs: NEVER_MS,
      onEvent: onceBothReady(() => setTimeout(() => control.abort(), 200)),
    });
    expect(run).toMatchObject({ exitCode: 0, ended: "stopped" });
    expect(run.stdout).toBe(`${String(run.counters.acked)}\n`);
    expect(run.events.filter(({ event }) => event === "warning")).toEqual([]);
  });

  test("D: the same when a provider fails", async () => {
    const input = nodeProvider(
      `onStart = () => { ready(); say(line(1)); say({ type: "error", code: "CDC_X", message: "no" }); setTimeout(() => process.exit(1), 50); };`,
    );
    const run = await runLab({ input, output: nodeProvider(COUNTING), stopTimeoutMs: NEVER_MS });
    expect(run).toMatchObject({ exitCode: 4, stdout: "1\n", failure: { code: "CDC_X", retryable: false } });
  });

  test("E: a stop by a signal is told as such, and is no success when lines are left behind", async () => {
    const stopped = async (atTheEnd: string) => {
      const control = new AbortController();
      return runLab({
        input: counter({ interval: 1 }),
        output: nodeProvider(
          `onStart = () => ready("ack"); onLine = () => control(); let control = () => {}; onEnd = () => { ${atTheEnd} };`,
        ),
        signal: control.signal,
        onEvent: onceBothReady(() => setTimeout(() => control.abort(), 300)),
      });
    };
    expect(await stopped("process.exit(0)")).toMatchObject({
      exitCode: 5,
      ended: "failed",
      failure: { code: "CDC_OUTPUT_UNCONFIRMED" },
    });
    expect(await stopped("process.exit(7)")).toMatchObject({
      exitCode: 5,
      ended: "failed",
      failure: { code: "CDC_PROVIDER_GONE" },
    });
  });

  test.each([70_000, 1_000_000, 100 * 1024 * 1024 - 100])("F: a line of %d bytes passes whole", async (size) => {
    const output = nodeProvider(`
      const hash = require("crypto").createHash("md5");
      let bytes = 0;
      process.stdin.removeAllListeners("data");
      process.stdin.removeAllListeners("end");
      let head = "";
      process.stdin.setEncoding("latin1").on("data", (chunk) => {
        if (head !== undefined) {
          head += chunk;
          const end = head.indexOf("\\n");
          if (end < 0) return;
          chunk = head.slice(end + 1);
          head = undefined;
          ready("ack");
        }
        bytes += chunk.length;
      }).on("end", () => { say({ type: "text", text: String(bytes) }); say({ type: "ack", count: 3 }); });`);
    const run = await runLab({ input: counter({ max_count: 3, size }), output });
    expect(run).toMatchObject({ exitCode: 0, stdout: `${String(3 * size)}\n`, counters: { lines: 3, acked: 3 } });
  });

  test("F: a line that is longer than allowed is an error, not a hang", async () => {
    const input = nodeProvider(
      `onEnd = () => {}; onStart = () => { ready(); const piece = "x".repeat(1 << 20); const more = () => process.stdout.write(piece, more); more(); };`,
    );
    const run = await runLab({ input, output: nodeProvider(COUNTING) });
    expect(run.failure?.message).toContain("a line is longer than 104857600 bytes");
  });

  test("G: 600 MB on stderr leave the memory of the relay small", async () => {
    const noisy = `
      const noise = ("x".repeat(199) + "\\n").repeat(5000);
      let rest = 600;
      onEnd = () => {};
      onStart = () => { ready(); const more = () => (rest-- > 0 ? process.stderr.write(noise, more) : say({ type: "eof" })); more(); };`;
    const { ended } = startTask({ task: "lab", input: nodeProvider(noisy), output: nodeProvider(COUNTING) }, true);
    const result = await ended;
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result?.maxRssMb).toBeLessThan(350);
  });

  test("G: lines of 100 MB leave it bounded, too", async () => {
    const input = counter({ max_count: 6, size: 100 * 1024 * 1024 - 100 });
    const { ended } = startTask({ task: "lab", input, output: console_({ outputFormat: "none" }) });
    const result = await ended;
    expect(result).toMatchObject({ exitCode: 0, counters: { acked: 6 } });
    expect(result?.maxRssMb).toBeLessThan(700);
  });

  test("H: an output that exits with 0 in the middle is a failure, and both are started again", async () => {
    const folder = temporaryFolder();
    const output = nodeProvider(`
      const mark = ${JSON.stringify(`${folder.path}/once`)};
      const again = require("fs").existsSync(mark);
      let count = 0;
      onStart = () => ready("ack");
      onLine = () => { count += 1; if (!again && count === 10) { require("fs").writeFileSync(mark, ""); process.exit(0); } };
      onEnd = () => say({ type: "ack", count });`);
    const run = await runLab({ input: counter({ max_count: 500_000 }), output, restart: { max: 2, firstMs: 1 } });
    folder.remove();
    expect(run).toMatchObject({ exitCode: 0, counters: { restarts: 1, acked: 500_000 } });
    const errors = run.events.flatMap((event) => (event.event === "error" ? [event.message] : []));
    expect(errors).toEqual(["output scripted exited with code 0 before its stdin had ended"]);
  });

  test("K: no secret is shown: not on stderr, in texts, errors or results", async () => {
    const secret = 'S3cr3t;Pass="word"';
    const leaky = `onEnd = () => {}; onStart = (start) => {
      process.stderr.write("config " + JSON.stringify(start) + "\\n");
      process.stderr.write(JSON.stringify({ level: "debug", msg: "password is " + start.config.password }) + "\\n");
      process.stderr.write("x".repeat(70000) + start.config.password.repeat(10) + "\\n");
      ready();
      setTimeout(() => { say({ type: "error", code: "CDC_X", message: "login failed for " + start.config.password, hint: start.config.password }); process.exit(1); }, 300);
    };`;
    const printing = `onEnd = () => {}; onStart = (start) => { ready("ack"); say({ type: "text", text: "<" + start.config.password + ">" }); };`;
    const config = { password: secret };
    const run = await runLab({
      input: nodeProvider(leaky, config),
      output: nodeProvider(printing, config),
      secrets: [secret],
    });
    const told = await lifecycle(
      nodeProvider(
        `onStart = ({ config }) => say({ type: "result", command: "plan", status: "failed", resources: [{ kind: "queue", name: config.password, state: "x" }], error: { code: "X", message: config.password } });`,
        config,
      ),
      { secrets: [secret] },
    );
    expect(run).toMatchObject({
      failure: { message: "input scripted: login failed for [secret]" },
      stdout: "<[secret]>\n",
    });
    expect(run.events.filter(({ event }) => event === "log")).toHaveLength(3);
    for (const part of ["S3cr3t", "Pass=", "S3cr3t%3B"]) {
      expect(JSON.stringify([run.events, run.failure, told])).not.toContain(part);
    }
  });

  test("N: a provider that has answered may take as long as it likes, and one that beats is waited for", async () => {
    // Longer than the limit in all, and each time shorter, on a busy machine, too.
    const slow = (word: string) =>
      nodeProvider(
        `onStart = () => { let left = 6; const beat = setInterval(() => { say({ type: ${JSON.stringify(word)} }); if (--left === 0) { clearInterval(beat); ready(); say(line(1)); say({ type: "eof" }); } }, 1000); };`,
      );
    const runs = ["starting", "heartbeat"].map((word) =>
      runLab({ input: slow(word), output: console_(), handshakeTimeoutMs: 5000 }),
    );
    for (const run of await Promise.all(runs))
      expect(run).toMatchObject({ exitCode: 0, stdout: 'Insert T {"id":1}\n' });
  });

  test("N: an older input that is idle at its start is waited for as long as the task allows", async () => {
    const idle = shellProvider(
      `sleep 1; echo '{"data":{"id":1},"metadata":{"TableName":"T","OperationType":"Insert"}}'`,
    );
    expect(await runLab({ input: idle, output: console_(), handshakeTimeoutMs: 0 })).toMatchObject({
      exitCode: 0,
      stdout: 'Insert T {"id":1}\n',
    });
    const late = await runLab({ input: idle, output: console_(), handshakeTimeoutMs: 300 });
    expect(late).toMatchObject({ exitCode: 2, failure: { code: "CDC_PROVIDER_HANDSHAKE", role: "input" } });
    expect(late.failure?.hint).toContain("relay.handshake_timeout_s");
  });

  test("O: a signal reaches a lifecycle command, and its answer is still read", async () => {
    const control = new AbortController();
    const provider = nodeProvider(`
      onEnd = () => {};
      onStart = () => process.stderr.write("working\\n");
      process.on("SIGTERM", () => { process.stdout.write(${JSON.stringify(encodeMessage({ type: "result", command: "init", status: "failed", changes: [], resources: [], message: "stopped half way" }))}, () => process.exit(1)); });
      setInterval(() => {}, 1000);`);
    const seen: string[] = [];
    const running = lifecycle(provider, {
      command: "init",
      signal: control.signal,
      onLog: ({ text }) => seen.push(text),
    });
    await eventually(() => expect(seen).toEqual(["working"]));
    control.abort();
    expect(await running).toMatchObject({ status: "failed", message: "stopped half way" });
  });
});
