import { isObject, parseObject } from "../../protocol/json-object";
import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { Control, Transcript } from "../transcript";
import { applies, demand, shownLine } from "../verdict";

/** Lines that are compared after the place where a run goes on. */
const COMPARED = 200;

/** What an input wants back at its next start. */
export const STATE_CASES: readonly ConformanceCase[] = [
  {
    name: "state/counts",
    proves: "the counts of states never go back, and never beyond the lines that were sent",
    role: "input",
    run: async (kit) => {
      let before = 0;
      for (const { message, after } of await states(kit)) {
        const { count } = message;
        demand(count >= before, `${String(count)} after ${String(before)}`);
        demand(count <= after, `${String(count)} after ${String(after)} lines`);
        before = count;
      }
    },
  },
  {
    name: "state/resume-loses-nothing",
    proves: "a run that goes on from a state begins with the line after it",
    role: "input",
    run: async (kit) => {
      const { expected, found } = await resumed(kit);
      const lost = expected.findIndex((line) => line === found[0]);
      demand(found.length > 0, "it sent nothing");
      demand(lost <= 0, `it left out ${String(lost)} lines, ${shownLine(expected[0] ?? "")} first`);
      demand(
        found[0] === expected[0],
        () => `it began with ${shownLine(found[0] ?? "")}, not ${shownLine(expected[0] ?? "")}`,
      );
    },
  },
  {
    name: "state/resume-goes-on-in-order",
    proves: "the lines after a state are the same ones in the same order",
    role: "input",
    run: async (kit) => {
      const { expected, found } = await resumed(kit);
      const length = Math.min(expected.length, found.length);
      for (let at = 0; at < length; at++)
        demand(
          found[at] === expected[at],
          () => `line ${String(at + 1)} is ${shownLine(found[at] ?? "")}, not ${shownLine(expected[at] ?? "")}`,
        );
    },
  },
  {
    name: "state/resume-after-kill",
    proves: "kill -9 costs no line: the state of the lines that were confirmed is enough to go on",
    role: "input",
    run: async (kit) => {
      await stateInTheMiddle(kit);
      const first = await kit.startReady();
      const { out } = first;
      await first.until(() => out.controls.filter(isState).some(({ message }) => message.count < out.data.length));
      first.kill("SIGKILL");
      await first.over();
      const { controls, data } = out;
      const last = controls.filter(isState).findLast(({ message }) => message.count < data.length);
      const next = last && data[last.message.count];
      applies(last !== undefined && next !== undefined, "no line came after a state before it was killed");
      const second = await kit.startReady({ state: last.message.state });
      demand(await second.until(() => second.out.dataCount > 0), "it sent nothing when it was started again");
      const [found, expected] = [identity(second.out.data[0] ?? next), identity(next)];
      demand(found === expected, () => `it went on with ${shownLine(found)}, not ${shownLine(expected)}`);
    },
  },
  {
    name: "state/foreign",
    proves: "a state that it can't know is refused, or it begins anew; it doesn't hang",
    role: "input",
    run: async (kit) => {
      await states(kit);
      const run = await kit.start({ state: { conformance: ["unknown"] } });
      const isBegun = () => run.out.dataCount > 0 || run.out.handshake?.type === "error";
      demand((await run.answers(isBegun)) || run.isOver, "it neither sent anything nor ended");
    },
  },
];

type StateControl = Control & {
  readonly message: { readonly type: "state"; readonly count: number; readonly state: unknown };
};

function isState(control: Control): control is StateControl {
  return control.message.type === "state";
}

async function states(kit: Kit): Promise<readonly StateControl[]> {
  const { out, capabilities } = await kit.probe();
  applies(capabilities.includes("state"), "it keeps no state");
  const found = out.controls.filter(isState);
  demand(found.length > 0 || out.dataCount === 0, "it says that it keeps state, and sent none");
  applies(found.length > 0, "it sent no data with this config");
  return found;
}

/** A run from a state in the middle: the lines that should come, and those that came. */
async function resumed(kit: Kit): Promise<{ expected: string[]; found: string[] }> {
  const { count, state } = await stateInTheMiddle(kit);
  const { out } = await kit.probe();
  const expected = linesOf(out, count);
  const run = await kit.startReady({ state });
  await run.until(() => run.out.dataCount > 0);
  await run.sends(expected.length);
  return { expected, found: linesOf(run.out, 0) };
}

/** The first state of an ordinary run with lines before and after it. */
async function stateInTheMiddle(kit: Kit): Promise<StateControl["message"]> {
  const all = await states(kit);
  const { out } = await kit.probe();
  const state = all.find(({ message }) => message.count > 0 && message.count < out.data.length);
  applies(state !== undefined, "there is no line after its first state");
  return state.message;
}

function linesOf({ data }: Transcript, from: number): string[] {
  return data.slice(from, from + COMPARED).map(identity);
}

/** What makes a change the same one: its values and where it comes from; times of sending may differ. */
function identity(line: Buffer): string {
  const { data, metadata } = parseObject(line.toString()) ?? {};
  const { TableName, OperationType, LSN, Position, Schema } = isObject(metadata) ? metadata : {};
  return JSON.stringify([Schema, TableName, OperationType, LSN, Position, data]);
}
