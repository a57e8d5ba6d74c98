import { Option, type Command } from "commander";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ProviderRole } from "../../../model/built-in-providers";
import type { CaseResult, ConformanceReport } from "../../../tasks/conformance/run-conformance";
import type { Subject } from "../../../tasks/conformance/subject";
import { CdcError } from "../../../lib/errors";
import { contextFrom, type Context } from "../../context";
import { EXIT } from "../../exit-code";
import { positive, seconds } from "../../number-words";

interface TestFlags {
  readonly role?: readonly (ProviderRole | "infrastructure")[];
  readonly config?: string;
  readonly lines?: string;
  readonly only?: string;
  readonly timeout: number;
  readonly parallel: number;
}

/** `cdc providers test` */
export function register(group: Command): void {
  group
    .command("test")
    .argument("<path>", "program, folder with provider.json, or a name that is built in")
    .argument("[args...]", "arguments of the program")
    .summary("put a provider through the conformance kit")
    .description(
      "Runs the provider again and again and looks whether it keeps to the protocol: forms of the first line, handshake,\n" +
        "stray output, large lines, acks, states, resuming after kill -9, stopping in time, lifecycle results, secrets.\n" +
        "Each case passes, fails with a reason, or isn't applicable with a reason. An output is sent made-up lines of a\n" +
        "table Conformance unless --lines gives others. init and destroy are only run with --role infrastructure.\n" +
        "Exit codes: 0 all passed, 1 a case failed, 2 error.",
    )
    .addOption(
      new Option("--role <role...>", "input or output; infrastructure as well, to run init and destroy").choices([
        "input",
        "output",
        "infrastructure",
      ]),
    )
    .option("--config <file>", "JSON file with its config (default: an empty one)")
    .option("--lines <file>", "envelopes to send to an output, one a line")
    .option("--only <words>", "only cases whose name contains this, such as state/")
    .option("--timeout <seconds>", "how long anything may take that has to happen", seconds, 30)
    .option("--parallel <count>", "cases at the same time; only where several of the provider may run", positive, 1)
    .addHelpText(
      "after",
      "\nExample:\n  $ cdc providers test ./orders-input --config test-config.json\n" +
        "  $ cdc providers test ./asb-output --role output infrastructure --config queues.json --json",
    )
    .action(test);
}

async function test(path: string, args: readonly string[], flags: TestFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { casesFor, runConformance } = await import("../../../tasks/conformance/run-conformance");
  const subject = await subjectOf(context, path, args, flags);
  const progress = context.progress(`testing ${path}`);
  progress.expect(casesFor(subject, flags.only).length);
  try {
    const { signal } = context.io;
    const report = await runConformance(subject, {
      only: flags.only,
      atOnce: flags.parallel,
      signal,
      onCase: () => progress.add(),
    });
    progress.end();
    context.print(report, () => reportText(report, context));
    if (report.failed > 0) context.exitWith(EXIT.changesFound);
  } finally {
    progress.end();
  }
}

async function subjectOf(context: Context, path: string, args: readonly string[], flags: TestFlags): Promise<Subject> {
  const { findSubject } = await import("../../provider-subject");
  const { readJsonObject } = await import("../../json-file");
  const cwd = context.directory;
  const found = await findSubject(path, args, context);
  const { role: roles = [], config, lines, timeout } = flags;
  const role = roles.find((one) => one !== "infrastructure") ?? found.role;
  if (role === undefined)
    throw new CdcError("CDC_PROVIDER_ROLE", `${path} doesn't say whether it is an input or an output`, {
      hint: "Say it with --role input or --role output, or in provider.json.",
    });
  return {
    ...{ file: found.file, args: found.args, expected: found.expected, role, cwd, env: context.io.env },
    infrastructure: roles.includes("infrastructure"),
    config: config === undefined ? {} : readJsonObject(resolve(cwd, config)),
    lines:
      lines === undefined
        ? []
        : readFileSync(resolve(cwd, lines), "utf8")
            .split("\n")
            .filter((line) => line.trim() !== ""),
    limitMs: timeout * 1000,
  };
}

function reportText(report: ConformanceReport, { paint }: Context): string {
  const marks = { passed: paint.green("ok  "), failed: paint.red("FAIL"), "not applicable": paint.dim("n/a ") };
  const lines = report.cases.map((one) => [`${marks[one.outcome]} ${one.name}`, ...reasonLines(one)].join("\n     "));
  const { passed, failed, notApplicable } = report;
  return [...lines, `${String(passed)} passed, ${String(failed)} failed, ${String(notApplicable)} not applicable`].join(
    "\n",
  );
}

function reasonLines({ outcome, proves, reason = "" }: CaseResult): string[] {
  if (outcome === "passed") return [];
  return outcome === "failed" ? [`it must hold that ${proves}`, `but ${reason}`] : [reason];
}
