import { env as processEnvironment } from "node:process";
import { CdcError } from "../../../lib/errors";
import type { Project } from "../project";
import type { ConfigEntry } from "../stack-config";
import { startScript, type Child } from "./child";
import { sdkScript } from "./sdk";
import {
  deferNamespaces,
  deferSerializer,
  describeErrorsPlainly,
  dropDebugMessages,
  dropEmptyOutputs,
  makeOutputsWhenUsed,
  mapFewerFrames,
  prelude,
  watchFewerPromises,
} from "./sdk-tuning";

/** Exit code of a program that has already logged why it failed. */
const loggedExitCode = 32;

/** What a run of the program needs. */
export interface ProgramOptions {
  readonly project: Project;
  readonly stack: string;
  readonly config: readonly ConfigEntry[];
  readonly parallel: number;
  readonly preview: boolean;
  /** Address of both the resource monitor and the engine. */
  readonly address: string;
  readonly onOutput: (line: string) => void;
  readonly onError: (line: string) => void;
}

/** Starts the user's program with the SDK's own runner, as the Pulumi language host does. */
export function startProgram(options: ProgramOptions): Child {
  const { project, stack, address } = options;
  const flags = {
    monitor: address,
    engine: address,
    organization: "organization",
    project: project.name,
    "root-directory": project.directory,
    stack,
    pwd: project.programDirectory,
    parallel: String(options.parallel),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return startScript({
    script: sdkScript(project.programDirectory, "cmd/run"),
    args: [...args, ...(options.preview ? ["--dry-run"] : []), project.entryPoint],
    prelude: tunings().map(prelude),
    nodeOptions: nodeArguments(project),
    directory: project.programDirectory,
    environment: programEnvironment(options),
    onOutput: options.onOutput,
    onError: options.onError,
  });
}

/** Throws `CdcError` unless the program ended well. `logged`: it has said itself what went wrong. */
export function checkExit(code: number | null, signal: string | null, lastErrors: string, logged: boolean): void {
  if (code === 0 && signal === null) return;
  const detail = logged || code === loggedExitCode || lastErrors === "" ? "" : `: ${lastErrors}`;
  const how = signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`;
  throw new CdcError("CDC_PROGRAM_FAILED", `the program ended with ${how}${detail}`, {
    hint: "Nothing was deleted. Mend the program and run the command again.",
  });
}

/** None when switched off, or when tracing is asked for, which must be the first to load gRPC. */
function tunings() {
  if (processEnvironment["CDC_ENGINE_TUNING"] === "off" || processEnvironment["TRACEPARENT"]) return [];
  if (processEnvironment["PULUMI_DEBUG_PROMISE_LEAKS"]) return [describeErrorsPlainly];
  return [
    describeErrorsPlainly,
    deferSerializer,
    deferNamespaces,
    dropDebugMessages,
    dropEmptyOutputs,
    watchFewerPromises,
    makeOutputsWhenUsed,
    mapFewerFrames,
  ];
}

function nodeArguments(project: Project): string[] {
  const value = project.runtimeOptions["nodeargs"];
  return typeof value === "string" ? value.split(" ").filter((word) => word !== "") : [];
}

function programEnvironment(options: ProgramOptions): Record<string, string | undefined> {
  const { project, config } = options;
  const { typescript = true, tsconfigpath } = project.runtimeOptions;
  const environment: Record<string, string | undefined> = {
    ...processEnvironment,
    ...project.environment,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config.map((entry) => [oldStyle(entry.key), entry.text]))),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.filter((entry) => entry.secret).map((entry) => entry.key)),
  };
  if (typescript !== false && typescript !== "false") environment["PULUMI_NODEJS_TYPESCRIPT"] = "true";
  if (typeof tsconfigpath === "string") environment["PULUMI_NODEJS_TSCONFIG_PATH"] = tsconfigpath;
  return environment;
}

/** `ns:name` -> `ns:config:name`, which every SDK understands. */
function oldStyle(key: string): string {
  const colon = key.indexOf(":");
  return `${key.slice(0, colon)}:config:${key.slice(colon + 1)}`;
}
