import { env as processEnvironment } from "node:process";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { accessSync, constants } from "node:fs";
import { CdcError } from "../../../lib/errors";
import type { Project } from "../project";
import { startExecutable, startScript, type Child } from "./child";
import { sdkScript } from "./sdk";
import { deferSerializer, prelude } from "./sdk-tuning";

/** A running resource provider and where it listens. */
export interface ProviderProcess {
  readonly child: Child;
  readonly address: Promise<string>;
  /** Says how the process ended; undefined while it runs. Waits a moment: a broken connection is noticed first. */
  obituary(): Promise<string | undefined>;
}

const noticeMs = 1_000;

/** What starting a provider needs. */
export interface ProviderProcessOptions {
  readonly project: Project;
  readonly stack: string;
  readonly engineAddress: string;
  readonly onOutput: (line: string) => void;
  readonly onError: (line: string) => void;
}

/** Starts the SDK's process for dynamic providers. */
export function startDynamicProvider(options: ProviderProcessOptions): ProviderProcess {
  return withAddress("the dynamic provider", options.onOutput, (onOutput) =>
    startScript({
      script: sdkScript(options.project.programDirectory, "cmd/dynamic-provider"),
      args: [options.engineAddress],
      prelude: [prelude(deferSerializer)],
      directory: options.project.programDirectory,
      environment: environment(options),
      onOutput,
      onError: options.onError,
    }),
  );
}

/** Starts `pulumi-resource-<name>` from PATH. Throws `CdcError` when there is none. */
export function startPlugin(name: string, options: ProviderProcessOptions): ProviderProcess {
  const path = findPlugin(name);
  if (path === undefined) {
    throw new CdcError("CDC_PLUGIN_MISSING", `the built-in engine needs pulumi-resource-${name} on PATH`, {
      hint: `Install the Pulumi CLI, which fetches the ${name} plugin itself, or put the plugin on PATH.`,
    });
  }
  return withAddress(`pulumi-resource-${name}`, options.onOutput, (onOutput) =>
    startExecutable(path, {
      args: [options.engineAddress],
      directory: options.project.programDirectory,
      environment: environment(options),
      onOutput,
      onError: options.onError,
    }),
  );
}

/** Path of a plugin executable on PATH, if any. */
export function findPlugin(name: string): string | undefined {
  const folders = (processEnvironment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, `pulumi-resource-${name}`)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function environment({ project, stack }: ProviderProcessOptions): Record<string, string | undefined> {
  return {
    ...processEnvironment,
    ...project.environment,
    PULUMI_PROJECT: project.name,
    PULUMI_NODEJS_PROJECT: project.name,
    PULUMI_NODEJS_STACK: stack,
    PULUMI_NODEJS_ORGANIZATION: "organization",
  };
}

/** A provider says its port on the first line of stdout; what follows is meant for people. */
function withAddress(
  name: string,
  onOutput: (line: string) => void,
  start: (onOutput: (line: string) => void) => Child,
): ProviderProcess {
  let tell: ((port: string) => void) | undefined;
  const port = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const child = start((line) => {
    if (tell === undefined) return onOutput(line);
    tell(line.trim());
    tell = undefined;
  });
  const ended = child.exited.then(({ code, signal }) => {
    const how = signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`;
    return `the process of ${name} ended with ${how}${child.lastErrors() === "" ? "" : `: ${child.lastErrors()}`}`;
  });
  const gone = ended.then((text): never => {
    throw new CdcError("CDC_PROVIDER_FAILED", text);
  });
  const address = Promise.race([port, gone]).then((text) => `127.0.0.1:${text}`);
  address.catch(() => undefined);
  return { child, address, obituary: () => Promise.race([ended, sleep(noticeMs, undefined, { ref: false })]) };
}
