import { realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join, resolve } from "node:path";
import { argv, env as processEnvironment } from "node:process";
import type { EngineEvent, RunKind, Stack } from "../../../engine/stack";
import { CdcError } from "../../../lib/errors";
import { emptyPassphrase } from "../../lifecycle/empty-passphrase";
import { exportedResources, isNotFound, type ExportedResource } from "../../lifecycle/exported";
import { ignoreFolder, writePulumiProject } from "../../lifecycle/pulumi-project";
import type { ProviderContext } from "../provider";
import { PROGRAM_VARIABLE, type ProgramSetting } from "./program-of";
import type { PulumiSettings } from "./pulumi-infrastructure";

/** Variable in which `cdc` tells a provider the folder of its task, `.cdc/tasks/<task>`. */
const TASK_DIRECTORY = "CDC_TASK_DIRECTORY";
const NO_TASK = "default";

const PROGRAM = `const { pathToFileURL } = require("node:url");
const { programOf } = require("pulumi-cdc/provider-sdk/pulumi");
module.exports = () => programOf((entry) => import(pathToFileURL(entry).href));
`;

/** The stack of a provider's own program. */
export class ProviderStack {
  private constructor(
    private readonly stack: Stack,
    private readonly directory: string,
    private readonly context: ProviderContext,
  ) {}

  /**
   * @param config of the provider: reaches the program by its environment, and no file
   * @param environment more variables for the program and its resources
   */
  static async open(
    settings: PulumiSettings,
    config: unknown,
    environment: Readonly<Record<string, string>>,
    context: ProviderContext,
  ): Promise<ProviderStack> {
    const { project, stack = context.task ?? NO_TASK, backend, engine } = settings;
    const entry = entryOf(settings);
    const directory = join(homeOf(settings), stack);
    ignoreFolder(directory);
    writePulumiProject(directory, stack, { ...written(project), ...sdkOf(entry) });
    const program: ProgramSetting = { entry, config };
    const { openStack } = await import("../../../engine/open-stack");
    const opened = await openStack({
      projectDirectory: directory,
      stack,
      ...(backend === undefined ? {} : { backend }),
      ...(engine === undefined ? {} : { engine }),
      environment: {
        ...emptyPassphrase(processEnvironment),
        ...environment,
        NODE_PATH: modulesOf(entry),
        [PROGRAM_VARIABLE]: JSON.stringify(program),
      },
    });
    return new ProviderStack(opened, directory, context);
  }

  /** Runs the program. What is said meanwhile goes to the log. @throws CdcError as the engine tells. */
  async run(kind: RunKind, onEvent: (event: EngineEvent) => void): Promise<void> {
    const { signal, log } = this.context;
    const listen = (event: EngineEvent): void => {
      if (event.kind === "diagnostic") log[event.severity === "warning" ? "warn" : event.severity](event.message);
      onEvent(event);
    };
    const tell = (): void => log.info("stopping: what is under way is finished, and nothing more begun");
    signal.addEventListener("abort", tell, { once: true });
    try {
      // What was changed by hand since is looked at first.
      await this.stack[kind]({ signal, onEvent: listen, ...(kind === "destroy" ? {} : { refresh: true }) });
    } finally {
      signal.removeEventListener("abort", tell);
    }
  }

  /** What the last run left. */
  deployed(): Promise<ExportedResource[]> {
    return exportedResources(this.stack);
  }

  /** Removes all resources, the stack, and its folder. One that was never deployed is fine. */
  async destroy(onEvent: (event: EngineEvent) => void): Promise<void> {
    await this.run("destroy", onEvent).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    await this.stack.remove();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function written(project: string) {
  return {
    name: project,
    description: "infrastructure of a provider",
    about: "Made by pulumi-cdc: the infrastructure of one provider. The program is in the provider itself.",
    program: PROGRAM,
  };
}

function homeOf({ project, directory }: PulumiSettings): string {
  if (directory !== undefined) return resolve(directory);
  const task = processEnvironment[TASK_DIRECTORY];
  return task === undefined ? resolve(".cdc", "providers", project) : join(task, "providers", project);
}

/** What is linked to by a name of its own, as `bin` of a package is, lies elsewhere. */
function entryOf({ entry = argv[1] }: PulumiSettings): string {
  if (entry !== undefined) return realpathSync(entry);
  throw new CdcError("CDC_PROVIDER_PROGRAM", "the file of this provider isn't known", {
    hint: "Name it in the settings of its PulumiInfrastructure (entry).",
  });
}

/** The program and the process that runs it need one and the same SDK: that of the provider. */
function sdkOf(entry: string): { readonly sdk?: string } {
  try {
    return { sdk: dirname(createRequire(entry).resolve("@pulumi/pulumi/package.json")) };
  } catch {
    return {};
  }
}

/** Where the provider's own packages are, for resources that load them by name. */
function modulesOf(entry: string): string {
  const own = createRequire(entry).resolve.paths("x") ?? [];
  return [...own, processEnvironment["NODE_PATH"] ?? ""].filter(Boolean).join(delimiter);
}
