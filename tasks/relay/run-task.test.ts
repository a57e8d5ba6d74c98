import {
  console_,
  counter,
  lines,
  nodeProvider,
  runLab,
  shellProvider,
  temporaryFolder,
} from "../../test/harness/task-lab";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ENVELOPE = '{"data":{"id":1},"metadata":{"TableName":"T","OperationType":"Insert"}}';

describe("a task", () => {
  test("moves every line and ends when the input has no more", async () => {
    const run = await runLab({ input: counter({ max_count: 2000 }), output: console_({ outputFormat: "json" }) });
    expect(run).toMatchObject({ exitCode: 0, ended: "eof", counters: { lines: 2000, acked: 2000, restarts: 0 } });
    const values = run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { data: { value: number } }).data.value);
    expect(values).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
    expect(run.events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["started", "ready", "ack", "stopped"]),
    );
  });

  test("with check none too", async () => {
    const run = await runLab({
      check: "none",
      input: counter({ max_count: 2000 }),
      output: console_({ outputFormat: "json" }),
    });
    expect(run.counters).toMatchObject({ lines: 2000, acked: 2000 });
    expect(run.stdout.trimEnd().split("\n")).toHaveLength(2000);
  });

  test("goes on from the stored state, and stores it before the input hears of it", async () => {
    const folder = temporaryFolder();
    const heard = `
      onStart = ({ state }) => { ready("ack", "state"); say(line("from " + JSON.stringify(state ?? null))); say({ type: "state", count: 1, state: { at: (state?.at ?? 0) + 1 } }); say({ type: "eof" }); };
      onLine = (text) => process.stderr.write("acked " + text + " stored " + require("fs").readFileSync(${JSON.stringify(join(folder.path, "state.json"))}, "utf8") + "\\n");`;
    const once = () => runLab({ directory: folder.path, input: nodeProvider(heard), output: console_() });
    expect((await once()).stdout).toBe('Insert T {"id":"from null"}\n');
    const second = await once();
    folder.remove();
    expect(second.stdout).toBe('Insert T {"id":"from {\\"at\\":1}"}\n');
    const log = second.events.flatMap((event) => (event.event === "log" ? [event.text] : []));
    expect(log.join()).toContain('acked {"type":"ack","count":1,"states":1} stored {"version":1,"provider":"scripted"');
    expect(log.join()).toContain('"state":{"at":2}}');
  });

  test("an input can have its state stored before the lines behind it leave", async () => {
    const folder = temporaryFolder();
    const entry = join(__dirname, "..", "..", "dist", "tasks", "sdk", "index.js");
    const script = `
      const { runProvider } = require(${JSON.stringify(entry)});
      const stored = () => require("fs").readFileSync(${JSON.stringify(join(folder.path, "state.json"))}, "utf8");
      const row = (id) => ({ data: { id }, metadata: { TableName: "T", OperationType: "Insert" } });
      void runProvider({ name: "scripted", version: "1.0.0", input: { async *read(config, { setState, stored: kept }) {
        setState({ at: 0 });
        await kept();
        yield row(stored());
        setState({ at: 1 });
        await kept();
        yield row(stored());
      } } });`;
    const input = { name: "scripted", file: process.execPath, args: ["-e", script], config: {} };
    const run = await runLab({ directory: folder.path, input, output: console_({ outputFormat: "json" }) });
    folder.remove();
    expect(run).toMatchObject({ exitCode: 0, counters: { lines: 2 } });
    const [first, second] = run.stdout.split("\n");
    expect(first).toContain('\\"at\\":0');
    expect(second).toContain('\\"at\\":1');
  });

  test("a state of another input is refused", async () => {
    const folder = temporaryFolder();
    await runLab({ directory: folder.path, input: counter({ max_count: 2 }), output: console_() });
    expect(JSON.parse(readFileSync(join(folder.path, "state.json"), "utf8"))).toMatchObject({ state: { value: 2 } });
    const run = await runLab({ directory: folder.path, input: lines(ENVELOPE), output: console_() });
    folder.remove();
    expect(run).toMatchObject({ exitCode: 2, failure: { code: "CDC_TASK_STATE" } });
  });

  test.each(["parsed", "none"] as const)("check %s: control lines between data lines are taken out", async (check) => {
    const text = [ENVELOPE, '{"type":"heartbeat"}', ENVELOPE, ENVELOPE, ' { "type" : "heartbeat" }', ENVELOPE];
    const run = await runLab({
      check,
      input: lines(...text, '{"type":"eof"}'),
      output: console_({ outputFormat: "json" }),
    });
    expect(run.stdout).toBe(`${ENVELOPE}\n`.repeat(4));
  });
});

describe("older providers", () => {
  const ready = `read -r config; echo '{"status":"ready"}'`;

  test("shell scripts with the handshake of before: all is data, all that the output writes is printed", async () => {
    const run = await runLab({
      input: shellProvider(`${ready}; echo '${ENVELOPE}'; echo '{"type":"not ours"}'`),
      output: shellProvider(`${ready}; echo "got $config"; while read -r line; do echo "<$line>"; done`),
    });
    expect(run).toMatchObject({ exitCode: 0, counters: { lines: 2, acked: 2 } });
    expect(run.stdout).toContain('got {"command":"run","config":{},"protocol":1,"task":"lab","role":"output"}');
    expect(run.stdout).toContain(`<${ENVELOPE}>\n<{"type":"not ours"}>\n`);
  });

  test("an input without a handshake: its first line is data", async () => {
    const run = await runLab({
      input: shellProvider(`echo '${ENVELOPE}'`),
      output: console_({ outputFormat: "json" }),
    });
    expect(run).toMatchObject({ exitCode: 0, stdout: `${ENVELOPE}\n` });
  });

  test("an error in the form of before fails the task", async () => {
    const run = await runLab({
      input: shellProvider(`echo '{"status":"error","message":"no table"}'`),
      output: console_(),
    });
    expect(run).toMatchObject({ exitCode: 2, failure: { role: "input", message: "input script.sh: no table" } });
  });

  test("an output that fails after the last line has confirmed nothing", async () => {
    const run = await runLab({
      input: counter({ max_count: 3 }),
      output: shellProvider(`${ready}; cat >/dev/null; exit 3`),
    });
    expect(run).toMatchObject({
      exitCode: 5,
      counters: { lines: 3, acked: 0 },
      failure: { code: "CDC_PROVIDER_GONE" },
    });
  });
});

describe("what a provider must not do", () => {
  test.each([
    ["parsed", "Starting up...", "it is neither data nor control"],
    ["none", "Starting up...", "it is neither data nor control"],
    ["parsed", '{"data":{"id":1}', "it is no JSON object"],
    ["parsed", '{"status":"ready"}', "it is neither data nor control"],
    ["none", "", "it is neither data nor control"],
  ] as const)("check %s: %s", async (check, bad, reason) => {
    const run = await runLab({
      check,
      input: lines(ENVELOPE, bad, ENVELOPE),
      output: console_({ outputFormat: "json" }),
    });
    expect(run).toMatchObject({ exitCode: 2, stdout: `${ENVELOPE}\n`, counters: { lines: 1, acked: 1 } });
    expect(run.failure?.code).toBe("CDC_PROVIDER_STRAY_OUTPUT");
    expect(run.failure?.message).toBe(
      `input scripted wrote line 3 of its stdout, which doesn't belong there (${reason}): ${bad}`,
    );
  });

  test("bytes that are no UTF-8 are found in their line", async () => {
    const input = nodeProvider(
      `onStart = () => { ready(); process.stdout.write(Buffer.concat([Buffer.from(line(1) + "\\n"), Buffer.from('{"data":{"a":"\\xff"}}\\n', "latin1")])); };`,
    );
    const run = await runLab({ input, output: console_() });
    expect(run.failure?.message).toContain("line 3 of its stdout");
    expect(run.counters.lines).toBe(1);
  });

  test.each([
    ['{"type":"ack","count":1}', "input scripted: an input doesn't write ack"],
    ['{"type":"state","count":9,"state":1}', "input scripted: a state is that of line 9, and there were 0"],
    ['{"type":"oef"}', 'input scripted: no message has the type "oef"'],
  ])("an input that writes %s", async (line, message) => {
    const run = await runLab({ input: lines(line), output: console_() });
    expect(run).toMatchObject({ exitCode: 2, failure: { code: "CDC_PROVIDER_PROTOCOL", message } });
  });

  test.each([
    ["hello", "output scripted wrote line 2 of its stdout, which doesn't belong there (it is no control line): hello"],
    ['{"data":{},"metadata":{}}', "output scripted wrote line 2 of its stdout"],
    ['{"type":"ack","count":7}', "output scripted: 7 lines are confirmed, and "],
    ['{"type":"eof"}', "output scripted: an output doesn't write eof"],
  ])("an output that writes %s", async (line, message) => {
    const output = nodeProvider(`onStart = () => { ready("ack"); say(${JSON.stringify(line)}); };`);
    const run = await runLab({ input: counter({ max_count: 3 }), output });
    expect(run.exitCode).toBe(2);
    expect(run.failure?.message).toContain(message);
  });

  test("an output that exits well and has not confirmed everything", async () => {
    const output = nodeProvider(
      `onStart = () => ready("ack"); onLine = () => {}; onEnd = () => { say({ type: "ack", count: 2 }); };`,
    );
    const run = await runLab({ input: counter({ max_count: 3 }), output });
    expect(run).toMatchObject({ exitCode: 5, counters: { acked: 2 }, failure: { code: "CDC_OUTPUT_UNCONFIRMED" } });
  });

  test("another version of the protocol", async () => {
    const input = nodeProvider(
      `onStart = () => say({ type: "ready", protocol: 2, name: "x", version: "2", capabilities: [] });`,
    );
    expect(await runLab({ input, output: console_() })).toMatchObject({
      exitCode: 2,
      failure: { code: "CDC_PROVIDER_VERSION" },
    });
  });
});
