import type {
  EngineEvent as PulumiEvent,
  LocalWorkspaceOptions,
  Stack as PulumiStack,
} from "@pulumi/pulumi/automation";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { env as processEnvironment } from "node:process";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import { CdcError } from "../lib/errors";
import { automationError } from "./automation-errors";
import { translateEvents } from "./automation-events";
import type { PulumiCli } from "./automation-find";
import { readProject } from "./builtin/project";
import type { OpenStackOptions, RunKind, RunOptions, RunResult, Stack } from "./stack";

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings shared by the calls below. */
interface Target {
  readonly stack: string;
  readonly backend: string;
  readonly projectDirectory: string;
  /** Added to the environment of the CLI, and so of the program and its providers. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Opens a stack on the genuine Pulumi CLI, which is driven through the Automation API.
 * Its rewrite of the whole state at each step is switched off: our `create` adopts what a lost step made.
 */
export function openAutomationStack(
  cli: PulumiCli,
  options: OpenStackOptions,
  env: Environment = processEnvironment,
): Stack {
  const projectDirectory = resolve(options.projectDirectory);
  const backend = options.backend ?? backendOf(projectDirectory, env);
  const target: Target = { stack: options.stack, backend, projectDirectory, environment: options.environment ?? {} };
  const selected = lazily(() => select(target, env, "select"));
  const made = lazily(() => select(target, env, "createOrSelect"));
  const guarded = guard(target);
  return {
    engine: `pulumi ${cli.version}`,
    preview: async (run) => runStack("preview", target, await made(), run),
    up: async (run) => runStack("up", target, await made(), run),
    refresh: async (run) => runStack("refresh", target, await selected(), run),
    destroy: async (run) => runStack("destroy", target, await selected(), run),
    outputs: () => guarded(async () => plainOutputs(await (await selected()).outputs())),
    export: () => guarded(async () => (await selected()).exportStack()),
    import: (deployment) => guarded(async () => (await made()).importStack(deployment as never)),
    cancel: () => guarded(async () => (await selected()).cancel()),
    remove: () => guarded(async () => removeStack(await made())),
  };
}

/** The file of the stack stays: it is the project's. */
async function removeStack(stack: PulumiStack): Promise<void> {
  await stack.workspace.removeStack(stack.name, { preserveConfig: true });
}

/** The same choice as the built-in engine's, so that both find the same state. */
function backendOf(projectDirectory: string, env: Environment): string {
  const { backend } = readProject(projectDirectory);
  return (env["PULUMI_BACKEND_URL"] || backend) ?? `file://${join(projectDirectory, ".pulumi-state")}`;
}

/** Calls `open` once; a failure is tried again at the next call. */
function lazily(open: () => Promise<PulumiStack>): () => Promise<PulumiStack> {
  let opening: Promise<PulumiStack> | undefined;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}

async function select(target: Target, env: Environment, mode: "select" | "createOrSelect"): Promise<PulumiStack> {
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation");
  await makeStateFolder(target.backend);
  const program = { stackName: target.stack, workDir: target.projectDirectory };
  const settings: LocalWorkspaceOptions = { envVars: cliEnvironment(target, env) };
  const opening =
    mode === "select"
      ? LocalWorkspace.selectStack(program, settings)
      : LocalWorkspace.createOrSelectStack(program, settings);
  return opening.catch((error: unknown) => {
    throw automationError(error, { ...target, diagnostics: [] });
  });
}

/** Passphrase and the like pass through: the CLI inherits our environment, and these come on top. */
function cliEnvironment(target: Target, env: Environment): Record<string, string> {
  return {
    ...target.environment,
    PULUMI_BACKEND_URL: target.backend,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_SKIP_CHECKPOINTS: env["PULUMI_SKIP_CHECKPOINTS"] ?? "true",
  };
}

async function makeStateFolder(backend: string): Promise<void> {
  if (!backend.startsWith("file://") || backend.startsWith("file://~")) return;
  const folder = fileURLToPath(backend.split("?")[0] ?? backend);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    const hint = "Give this user the right to write there, or choose another place with PULUMI_BACKEND_URL.";
    throw new CdcError("CDC_STATE_NOT_WRITABLE", `the state folder ${folder} cannot be made`, { hint, cause: error });
  });
}

async function runStack(kind: RunKind, target: Target, stack: PulumiStack, run: RunOptions = {}): Promise<RunResult> {
  const startedMs = Date.now();
  const events = translateEvents({ kind, stack: target.stack }, (event) => run.onEvent?.(event));
  const settings = { ...runSettings(run), onEvent: (event: PulumiEvent) => events.take(event) };
  const outputs = await start(kind, stack, settings).catch((error: unknown) => {
    throw automationError(error, { ...target, diagnostics: events.errors, aborted: run.signal?.aborted === true });
  });
  const { summary } = events;
  const changed = Object.entries(summary).some(([operation, count]) => operation !== "same" && count > 0);
  const result: RunResult = { summary, changed, outputs, durationMs: Date.now() - startedMs };
  run.onEvent?.({ kind: "end", result });
  return result;
}

interface RunSettings {
  readonly parallel?: number;
  readonly refresh?: boolean;
  readonly target?: string[];
  readonly signal?: AbortSignal;
  readonly color: "never";
}

function runSettings(run: RunOptions): RunSettings {
  return {
    color: "never",
    ...(run.parallel === undefined ? {} : { parallel: run.parallel }),
    ...(run.refresh === true ? { refresh: true } : {}),
    ...(run.targets === undefined || run.targets.length === 0 ? {} : { target: [...run.targets] }),
    ...(run.signal === undefined || onTerminal() ? {} : { signal: run.signal }),
  };
}

/** On a terminal Ctrl-C reaches the CLI by itself, and a second one from us would make it stop without cleaning up. */
function onTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}

type Settings = RunSettings & { readonly onEvent: ReturnType<typeof translateEvents>["take"] };

async function start(kind: RunKind, stack: PulumiStack, settings: Settings): Promise<RunResult["outputs"]> {
  const { refresh, ...withoutRefresh } = settings;
  if (kind === "up") return plainOutputs((await stack.up(settings)).outputs);
  if (kind === "preview") await stack.preview(settings);
  else if (kind === "refresh") await stack.refresh(withoutRefresh);
  else await stack.destroy({ ...withoutRefresh, ...(refresh === true ? { refresh } : {}) });
  return {};
}

/** Values of outputs, secret ones masked. */
function plainOutputs(outputs: Record<string, { value: unknown; secret: boolean }>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { value, secret }]) => [name, secret ? "[secret]" : value]),
  );
}

function guard(target: Target): <T>(action: () => Promise<T>) => Promise<T> {
  return async (action) =>
    action().catch((error: unknown) => {
      throw automationError(error, { ...target, diagnostics: [] });
    });
}
