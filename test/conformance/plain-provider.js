// A provider without the SDK that keeps to the protocol, and breaks it in one way when MUTANT says so: with it the tests
// show that every case of the conformance kit can fail. ROLE is input or output; PLACE is a folder for infrastructure.
const fs = require("node:fs");
const path = require("node:path");

const { MUTANT = "", ROLE = "input", PLACE } = process.env;
const is = (name) => MUTANT === name;
const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const NAME = "plain";
const VERSION = "1.0.0";

let stopping = false;
let start;
let rest = Buffer.alloc(0);
let taken = 0;
let ended = false;

if (is("banner")) process.stdout.write("Starting up...\n");
process.on("SIGTERM", () => {
  if (is("deaf-sigterm")) return;
  countStop();
  stopping = true;
  if (is("torn-on-sigterm")) return process.stdout.write('{"data":{"half', () => process.exit(0));
  if (start === undefined || ROLE === "output" || start.command !== "run") process.exit(is("sigterm-fails") ? 1 : 0);
});
if (is("deaf-sigterm")) setInterval(() => undefined, 1000);
process.stdout.on("error", () => (is("ignores-epipe") ? undefined : process.exit(1)));
process.stdin.on("data", (chunk) => {
  if (is("lost-rest") && start === undefined) chunk = chunk.subarray(0, chunk.indexOf(10) + 1);
  if (is("one-chunk") && start === undefined && !chunk.includes(10)) return begin(chunk.toString());
  rest = is("text-chunks") && start ? Buffer.from(rest.toString() + chunk.toString()) : Buffer.concat([rest, chunk]);
  for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
    const line = rest.subarray(0, end).toString();
    rest = rest.subarray(end + 1);
    if (start === undefined) begin(line);
    else take(line);
  }
});
process.stdin.on("end", () => {
  ended = true;
  if (start === undefined) return refuse("no line came");
  if (start.command !== "run") return;
  countStop();
  if (ROLE === "input") stopping = !is("deaf-stdin") && start.protocol !== undefined ? true : stopping;
  else finish();
});

/** The end of stdin and SIGTERM come in either order; the mutant waits for the second, and then takes it amiss. */
function countStop() {
  if (!is("counts-twice")) return;
  if (stopping) process.exit(1);
  setInterval(() => undefined, 1000);
}

function begin(line) {
  if (is("short-line") && line.length > 65_536) return refuse("the line is too long");
  if (is("no-carriage-return") && line.endsWith("\r")) return refuse("the line is no JSON");
  if (is("key-order") && !/^\{"(command|config)"/.test(line) && !line.startsWith("{}")) return refuse("no command");
  try {
    start = JSON.parse(line);
  } catch {
    if (is("takes-anything")) start = {};
    else return refuse(is("quotes-line") ? `no JSON: ${line}` : "the first line is no JSON");
  }
  if (Array.isArray(start) || typeof start !== "object") {
    if (is("takes-anything")) start = {};
    else return refuse("the first line is no object");
  }
  if (start.command === undefined) start = { command: "run", config: start, bare: true };
  const problem = problemOf(start);
  if (problem !== undefined && !is("takes-anything")) return refuse(problem);
  if (is("silent")) return setInterval(() => undefined, 1000);
  if (is("leaks")) process.stderr.write(`config: ${line}\n`);
  if (is("bad-log")) process.stderr.write('{"text":"hello"}\n');
  if (start.command === "run") run();
  else lifecycle(start.command);
}

function problemOf({ command, config, protocol, bare, ...others }) {
  const known = ["task", "role", "state"];
  if (is("needs-command") && bare) return "no command";
  if (is("needs-protocol") && !bare && protocol === undefined) return "no protocol";
  if (is("strict-keys") && Object.keys(others).some((key) => !known.includes(key))) return "unknown key";
  if (is("crashes-on-newer") && protocol > 1) process.exit(1);
  if (!["run", "init", "plan", "status", "destroy"].includes(command)) return `unknown command ${command}`;
  if (typeof config !== "object" || config === null || Array.isArray(config)) return "config is no object";
  return undefined;
}

function refuse(message) {
  if (is("mute-error")) process.exit(2);
  const code = is("codeless") ? {} : { code: "PLAIN_REFUSED", retryable: false };
  send({ type: "error", ...code, message });
  if (is("goes-on-after-error")) send({ type: "heartbeat" });
  process.exitCode = 2;
  ended = true;
  process.stdin.destroy();
}

function run() {
  const abilities = ROLE === "input" ? ["ack", "state", "heartbeat"] : ["ack", "heartbeat"];
  if (is("odd-capability")) abilities.push("flying");
  const ready = {
    type: "ready",
    protocol: is("version-2") ? 2 : 1,
    name: is("nameless") ? "" : NAME,
    version: VERSION,
    capabilities: abilities,
  };
  if (!start.bare) send(ready);
  if (is("ready-twice")) send(ready);
  if (is("chatters")) process.stdout.write("Connected.\n");
  if (is("foreign-hang") && start.state?.conformance) return;
  if (!start.bare && !is("no-heartbeat")) setInterval(() => send({ type: "heartbeat" }), 300).unref();
  if (ROLE === "input") void read();
  else keepAlive();
}

async function read() {
  const last = start.config.max ?? Infinity;
  let value = start.state?.value ?? 0;
  if (is("resume-skips") && value > 0) value += 3;
  if (is("resume-repeats") && value > 0) value -= 3;
  if (is("resume-jumbles") && value > 0) value = jumbled(value);
  let sent = 0;
  while (!stopping && value < last) {
    value++;
    sent++;
    const isFull = !process.stdout.write(lineOf(value));
    if (value % 10 === 0 && !start.bare)
      send({ type: "state", count: is("state-ahead") ? sent + 5 : sent, state: { value } });
    if (isFull && !is("hoards")) await Promise.race([drained(), untilStopped()]);
    else if (value % 100 === 0) await new Promise((done) => (is("hoards") ? setImmediate(done) : setTimeout(done, 20)));
  }
  if (!stopping && !start.bare) send({ type: "eof" });
  if (is("data-after-eof")) process.stdout.write(lineOf(value + 1));
  if (is("torn-end")) process.stdout.write('{"data":{}');
  if (!is("counts-twice")) process.stdin.destroy();
}

function jumbled(value) {
  process.stdout.write(lineOf(value + 1) + lineOf(value + 3) + lineOf(value + 2));
  return value + 3;
}

function lineOf(value) {
  const number = is("backwards") ? 1_000_000 - value : value;
  const metadata = { TableName: "T", OperationType: "Insert", LSN: number.toString(16).padStart(20, "0") };
  if (is("no-table")) delete metadata.TableName;
  const fill = is("hoards") && value > 20 ? { fill: "x".repeat(600_000) } : {};
  const envelope = { data: { value, ...fill }, metadata };
  if (is("other-first-key")) return `${JSON.stringify({ op: "c", ...envelope })}\n`;
  return `${JSON.stringify(envelope)}\n`;
}

const drained = () => new Promise((done) => process.stdout.once("drain", done));

async function untilStopped() {
  while (!stopping) await new Promise((done) => setTimeout(done, 20));
}

function keepAlive() {
  const timer = setInterval(() => ended && clearInterval(timer), 50);
  if (is("locks")) {
    if (fs.existsSync(path.join(PLACE, "lock"))) return setInterval(() => undefined, 1000);
    fs.writeFileSync(path.join(PLACE, "lock"), "");
  }
}

function take(line) {
  if (ROLE === "input") {
    if (is("crashes-on-ack") && line.includes('"ack"')) process.exit(3);
    if (is("crashes-on-unknown") && !line.includes('"ack"')) process.exit(3);
    return;
  }
  let envelope;
  try {
    envelope = JSON.parse(line);
  } catch {
    if (is("hangs-on-bad-line")) return setInterval(() => undefined, 1000);
    if (!is("counts-bad-lines")) return refuse("a line is no JSON");
    taken += 1;
  }
  if (is("text-chunks") && line.includes("\ufffd")) return refuse("a character is broken");
  if (is("short-data") && line.length > 65_536) return refuse("the line is too long");
  if (is("data-first-only") && !line.startsWith('{"data"')) return refuse("no data");
  if (is("strict-envelope") && envelope?.later !== undefined) return refuse("unknown key");
  taken++;
  if (is("acks-at-end")) return;
  if (is("stalls-after-many") && taken > 1000) return;
  if (is("acks-ahead")) return send({ type: "ack", count: taken + 5 });
  send({ type: "ack", count: is("acks-go-back") && taken % 7 === 0 ? taken - 3 : taken });
}

function finish() {
  if (is("torn-counts") && rest.length > 0) taken++;
  if (is("fails-at-end")) process.exit(1);
  if (is("loses-last")) taken--;
  if (is("sends-data")) process.stdout.write(lineOf(1));
  send({ type: "ack", count: taken });
  if (is("hangs-at-end")) setInterval(() => undefined, 1000);
  if (is("torn-counts")) process.exitCode = 0;
}

function lifecycle(command) {
  if (is("no-result")) return;
  if (is("ready-then-hang")) return setInterval(() => undefined, 1000);
  const file = PLACE && path.join(PLACE, "queue");
  const exists = file !== undefined && fs.existsSync(file);
  const change = (action) => [{ action, kind: "queue", name: "q" }];
  const result = { type: "result", command, status: "succeeded", changes: [], resources: [] };
  if (command === "plan") result.changes = is("plan-is-blind") || !exists ? change("create") : [];
  if (command === "plan" && is("plan-never-creates")) result.changes = [];
  if (command === "plan" && is("plan-at-random"))
    result.changes = change("create").map((one) => ({ ...one, detail: `${process.pid}` }));
  if (command === "init" && file) {
    result.changes = exists && !is("init-creates-again") ? [] : change("create");
    fs.writeFileSync(file, "");
  }
  if (command === "status")
    result.resources = is("status-is-blind")
      ? []
      : [{ kind: "queue", name: "q", state: exists ? "present" : "absent" }];
  if (command === "destroy" && is("destroy-needs-something") && !exists) result.status = "failed";
  if (command === "destroy" && file) fs.rmSync(file, { force: true });
  if (is("fails-without-a-reason")) result.status = "failed";
  if (is("fails-with-0")) Object.assign(result, { status: "failed", message: "quota" });
  send(result);
  if (is("more-after-result")) send({ type: "text", text: "bye" });
  process.exitCode = result.status === "failed" && !is("fails-with-0") ? 1 : 0;
}
