import Ajv from "ajv";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeControl } from "./decode";
import { encodeMessage, encodeStart } from "./encode";
import { decodeHandshake } from "./handshake";
import { lineKind } from "./line-kind";
import type { ControlMessage } from "./messages";
import { decodeResult, resultOf } from "./results";
import { parseStart } from "./start-line";

const ready: ControlMessage = { type: "ready", protocol: 1, name: "x", version: "1.0.0", capabilities: ["ack"] };
const failure: ControlMessage = { type: "error", code: "CDC_X", message: "no", retryable: true };

const CONTROL: readonly [string, ControlMessage][] = [
  ["input-control", { type: "starting" }],
  ["input-control", ready],
  ["output-control", ready],
  ["handshake", ready],
  ["handshake", failure],
  ["input-control", failure],
  ["input-control", { type: "state", count: 3, state: { lsn: "00ff" } }],
  ["input-control", { type: "state", count: 3, state: null }],
  ["input-control", { type: "heartbeat" }],
  ["input-control", { type: "eof" }],
  ["output-control", { type: "ack", count: 12 }],
  ["ack", { type: "ack", count: 12 }],
  ["output-control", { type: "text", text: 'a "b"\nc' }],
];

function schema(name: string) {
  return new Ajv({ strict: false }).compile(
    JSON.parse(readFileSync(join(__dirname, "schemas", `${name}.schema.json`), "utf8")) as object,
  );
}

describe("control messages", () => {
  test.each(CONTROL)("%s: come back as they were, as their schema says", (name, message) => {
    const line = encodeMessage(message);
    expect(line).toMatch(/^\{"type":.*\}\n$/);
    expect(decodeControl(line)).toEqual(message);
    expect(schema(name)(JSON.parse(line))).toBe(true);
  });

  test.each([
    ['{"type":"ack"}', "the count of ack is absent, and must be a whole number from 0 on"],
    ['{"type":"ack","count":-1}', "the count of ack is -1, and must be a whole number from 0 on"],
    ['{"type":"state","count":1}', "a state message has no state"],
    ['{"type":"text"}', "a text message has no text"],
    ['{"type":"akc","count":1}', 'no message has the type "akc"'],
    ['{"type":"toString"}', 'no message has the type "toString"'],
    ['{"type":', "the line is no JSON object"],
  ])("%s is refused", (line, message) => {
    expect(() => decodeControl(line)).toThrow(message);
  });
});

describe("kinds of lines", () => {
  test.each([
    ['{"data":{},"metadata":{}}', "data"],
    ['{"metadata":{},"data":{}}', "data"],
    [' { "data" : 1}', "data"],
    ['{"type":"ack"}', "control"],
    ['{\t"type":"ack"}\r', "control"],
    ['{"types":1}', "stray"],
    ['{"dat":1}', "stray"],
    ["{}", "stray"],
    ["", "stray"],
    ["Starting up...", "stray"],
    ['["data"]', "stray"],
    ['{"data', "stray"],
  ])("%s", (line, kind) => {
    const bytes = Buffer.from(`x${line}\n{"data"`);
    expect(lineKind(bytes, 1, 1 + Buffer.byteLength(line))).toBe(kind);
  });
});

describe("the first line", () => {
  test("comes back as it was, as its schema says", () => {
    const start = {
      command: "run",
      config: { a: 1 },
      protocol: 1,
      task: "t",
      role: "input",
      state: [1],
      lease: { name: "t", token: "7" },
    } as const;
    const line = encodeStart(start);
    expect(parseStart(line)).toEqual({ ...start, host: "relay" });
    expect(schema("start")(JSON.parse(line))).toBe(true);
  });

  test.each([
    ['{"tables":["Orders"]}', { command: "run", config: { tables: ["Orders"] }, host: "shell" }],
    ['{"command":"plan","config":{}}', { command: "plan", config: {}, host: "legacy" }],
    ['{"command":"run"}', { command: "run", config: {}, host: "legacy" }],
    [
      '{"command":"run","protocol":1,"state":null,"later":1}',
      { command: "run", config: {}, host: "relay", protocol: 1 },
    ],
  ])("%s", (line, start) => {
    expect(parseStart(line)).toEqual(start);
  });

  test.each([
    ["", "the first line on stdin is no JSON object"],
    ["[1]", "the first line on stdin is no JSON object"],
    ['{"command":"walk"}', 'no command is called "walk"'],
    ['{"command":"run","config":[]}', "config is no JSON object"],
  ])("%s is refused", (line, message) => {
    expect(() => parseStart(line)).toThrow(message);
  });
});

describe("the handshake", () => {
  test.each([
    ['{"status":"ready"}', { type: "legacy" }],
    [
      '{"status":"error","message":"no table"}',
      { type: "error", code: "CDC_PROVIDER_FAILED", message: "no table", retryable: false },
    ],
    ['{"data":{},"metadata":{}}', { type: "data" }],
    ['{"type":"starting"}', { type: "starting" }],
  ])("%s", (line, found) => {
    expect(decodeHandshake(Buffer.from(line))).toEqual(found);
  });

  test.each([
    ["Starting up...", "the line is neither a handshake nor data"],
    ['{"status":"fine"}', "the line is neither a handshake nor data"],
    ['{"type":"ack","count":1}', "ack comes before the handshake"],
  ])("%s is refused", (line, message) => {
    expect(() => decodeHandshake(Buffer.from(line))).toThrow(message);
  });
});

describe("results", () => {
  test("come back as they were, as their schema says", () => {
    const result = resultOf("plan", {
      status: "succeeded",
      changes: [{ action: "create", kind: "queue", name: "Orders_cdc_events" }],
      resources: [{ kind: "queue", name: "Orders_cdc_events", state: "absent", detail: "none" }],
      message: "one to create",
    });
    expect(decodeResult(encodeMessage(result), "plan")).toEqual(result);
    expect(schema("result")(JSON.parse(encodeMessage(result)))).toBe(true);
  });

  test.each([
    ['{"status":"Succeeded","resources":[{"type":"queue","id":"q","status":"Created"}]}', "succeeded"],
    ['{"status":"Failed","error":"quota"}', "failed"],
    ['{"status":"Failed"}', "failed"],
    ['{"status":"Done","error":"but"}', "failed"],
    ['{"type":"result","command":"init","status":"ok"}', "failed"],
  ])("%s: %s", (line, status) => {
    expect(decodeResult(line, "init")?.status).toBe(status);
  });

  test.each(["", "done", "[]", '{"type":"text","text":"x"}', '{"type":"heartbeat","status":"x"}', '{"level":"info"}'])(
    "%s is no result",
    (line) => {
      expect(decodeResult(line, "init")).toBeUndefined();
    },
  );
});
