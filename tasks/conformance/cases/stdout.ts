import { isObject, parseObject } from "../../protocol/json-object";
import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { Probe } from "../probe";
import { applies, demand, shownLine } from "../verdict";

const OPERATIONS: readonly unknown[] = ["Insert", "Update", "Delete", "Read"];
/** Older outputs print what they like. */
const OLDER = "an older output: its stdout is for people";

/** What may be on stdout. */
export const STDOUT_CASES: readonly ConformanceCase[] = [
  {
    name: "stdout/no-stray-lines",
    proves: "every line of stdout is data or a control line; logs go to stderr",
    role: "any",
    run: async (kit) => {
      const { out } = await v1(kit);
      demand(out.stray.length === 0, () => out.stray[0] ?? "");
    },
  },
  {
    name: "stdout/whole-lines",
    proves: "the last line has its line end",
    role: "any",
    run: async (kit) => {
      const { out } = await v1(kit);
      demand(out.torn === undefined, () => `the last line is cut: ${shownLine(out.torn ?? "")}`);
    },
  },
  {
    name: "stdout/no-data-from-outputs",
    proves: "an output sends no data lines",
    role: "output",
    run: async (kit) => {
      const { out } = await v1(kit);
      demand(out.dataCount === 0, () => `it sent ${shownLine(out.data[0] ?? "")}`);
    },
  },
  {
    name: "data/envelopes",
    proves: "every data line is an envelope: data, and metadata with TableName and OperationType",
    role: "input",
    run: async (kit) => {
      for (const line of await dataLines(kit)) {
        const found = parseObject(line.toString());
        demand(found !== undefined, () => `no JSON object: ${shownLine(line)}`);
        const { data, metadata } = found;
        demand(isObject(data) && isObject(metadata), () => `data and metadata must be objects: ${shownLine(line)}`);
        demand(
          typeof metadata["TableName"] === "string" && metadata["TableName"] !== "",
          () => `no TableName: ${shownLine(line)}`,
        );
        demand(
          OPERATIONS.includes(metadata["OperationType"]),
          () => `no OperationType that there is: ${shownLine(line)}`,
        );
      }
    },
  },
  {
    name: "data/control-lines-apart",
    proves: "no data line can be taken for a control line: its first key is data or metadata",
    role: "input",
    run: async (kit) => {
      const { out } = await kit.probe();
      const wrong = out.stray.find((line) => line.includes('\\"data\\":'));
      demand(wrong === undefined, wrong ?? "");
      applies(out.dataCount > 0, "it sent no data with this config");
    },
  },
  {
    name: "data/positions-in-order",
    proves: "LSNs of a table never go back",
    role: "input",
    run: async (kit) => {
      const last = new Map<string, string>();
      for (const line of await dataLines(kit)) {
        const { TableName: table, LSN: lsn } = (JSON.parse(line.toString()) as { metadata: Record<string, string> })
          .metadata;
        if (table === undefined || lsn === undefined) continue;
        const before = last.get(table) ?? "";
        demand(lsn >= before, () => `${lsn} after ${before}: ${shownLine(line)}`);
        last.set(table, lsn);
      }
      applies(last.size > 0, "its envelopes have no LSN");
    },
  },
];

async function v1(kit: Kit): Promise<Probe> {
  const found = await kit.probe();
  applies(kit.subject.role === "input" || found.handshake?.type === "ready", OLDER);
  return found;
}

async function dataLines(kit: Kit): Promise<readonly Buffer[]> {
  const { out } = await kit.probe();
  applies(out.data.length > 0, "it sent no data with this config");
  return out.data;
}
