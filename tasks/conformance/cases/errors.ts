import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { ProviderRun } from "../provider-run";
import { applies, demand, shownLine } from "../verdict";

const CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/** How a provider says that it can't. */
export const ERROR_CASES: readonly ConformanceCase[] = [
  {
    name: "errors/told",
    proves: "what stops it is told as an error line, in either form",
    role: "any",
    run: async (kit) => {
      const run = await refusedRun(kit);
      const [told] = errorLines(run);
      demand(told !== undefined, () => `there is no error line: ${run.ending()}`);
      demand(typeof told["message"] === "string" && told["message"] !== "", "the error has no message");
    },
  },
  {
    name: "errors/code",
    proves: "an error has a stable code and says whether trying again can help",
    role: "any",
    run: async (kit) => {
      const run = await refusedRun(kit);
      const told = errorLines(run).find(({ type }) => type === "error");
      applies(told !== undefined, "an older provider: its errors have no code");
      demand(CODE.test(String(told["code"])), () => `the code is ${shownLine(String(told["code"]))}`);
      demand(typeof told["retryable"] === "boolean", "retryable is missing");
    },
  },
  {
    name: "errors/last",
    proves: "nothing follows an error line",
    role: "any",
    run: async (kit) => {
      const run = await refusedRun(kit);
      applies(errorLines(run).length > 0, "it told no error");
      const last = run.out.texts.at(-1) ?? "";
      demand(/"error"/.test(last), () => `the last line is ${shownLine(last)}`);
    },
  },
];

async function refusedRun(kit: Kit): Promise<ProviderRun> {
  const run = await kit.start({ first: '{"command":"run","config":[],"protocol":1}\n' });
  run.end();
  demand(await run.over(), "it went on");
  return run;
}

function errorLines(run: ProviderRun): Record<string, unknown>[] {
  return run.out.texts.flatMap((text) => {
    if (!text.trimStart().startsWith("{")) return [];
    const found = JSON.parse(text) as Record<string, unknown>;
    return found["type"] === "error" || found["status"] === "error" ? [found] : [];
  });
}
