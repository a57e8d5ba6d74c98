import { decodeResult } from "../../protocol/results";
import type { ConformanceCase } from "../conformance-case";
import { demand, shownLine } from "../verdict";
import { answers, asked } from "./answered";

/** What plan and status answer; a provider that has no infrastructure answers that there is nothing to do. */
export const LIFECYCLE_CASES: readonly ConformanceCase[] = [
  answers("plan", "any"),
  answers("status", "any"),
  {
    name: "lifecycle/result-is-last",
    proves: "the result is the last line of stdout",
    role: "any",
    run: async (kit) => {
      const { run } = await asked(kit, "status");
      const last = run.out.texts.at(-1) ?? "";
      demand(decodeResult(last, "status") !== undefined, () => `the last line is ${shownLine(last)}`);
    },
  },
  {
    name: "lifecycle/exit-code",
    proves: "a command that succeeded exits with 0, one that failed with another code",
    role: "any",
    run: async (kit) => {
      const { run, result } = await asked(kit, "status");
      demand((run.exit?.code === 0) === (result.status === "succeeded"), `${result.status}, and ${run.ending()}`);
    },
  },
  {
    name: "lifecycle/bad-config-fails",
    proves: "a command that can't be done is told as failed: never exit code 0",
    role: "any",
    run: async (kit) => {
      const run = await kit.start({ first: '{"command":"init","config":5,"protocol":1}\n' });
      run.end();
      demand(await run.over(), "it didn't end");
      demand(run.exit?.code !== 0, "it exited with code 0");
    },
  },
  {
    name: "lifecycle/plan-changes-nothing",
    proves: "a plan says the same when it is asked again",
    role: "any",
    run: async (kit) => {
      const [first, second] = [await asked(kit, "plan"), await asked(kit, "plan")];
      demand(JSON.stringify(first.result.changes) === JSON.stringify(second.result.changes), "the second plan differs");
    },
  },
];
