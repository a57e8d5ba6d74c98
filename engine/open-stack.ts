import { join } from "node:path";
import { env as processEnvironment } from "node:process";
import { CdcError } from "../lib/errors";
import { findPulumi } from "./automation-find";
import { BuiltinStack } from "./builtin/builtin-stack";
import { readProject } from "./builtin/project";
import { StackStore } from "./builtin/state/store";
import type { OpenStackOptions, Stack } from "./stack";

/**
 * Opens a stack on the Pulumi CLI when it is on PATH, else on the built-in engine, as `options.engine` asks.
 * Both keep the same state. Throws `CdcError` when the project or the state store cannot be used.
 */
export async function openStack(options: OpenStackOptions): Promise<Stack> {
  const { engine = "auto" } = options;
  const cli = engine === "built-in" ? undefined : await findPulumi();
  if (cli !== undefined) {
    const { openAutomationStack } = await import("./automation");
    return openAutomationStack(cli, options);
  }
  if (engine === "pulumi") {
    throw new CdcError("CDC_PULUMI_MISSING", "the Pulumi CLI is not on PATH", {
      hint: "Install it (https://www.pulumi.com/docs/install/), or use the built-in engine.",
    });
  }
  return openBuiltinStack(options);
}

/** Opens a stack on the built-in engine. */
function openBuiltinStack({ projectDirectory, stack, backend, environment = {} }: OpenStackOptions): Stack {
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(stack)) {
    throw new CdcError("CDC_STACK_NAME", `${stack} is not a stack name`, {
      hint: "Use letters, digits, hyphens, underscores and periods.",
    });
  }
  const project = { ...readProject(projectDirectory), environment };
  const fallback = `file://${join(project.directory, ".pulumi-state")}`;
  const chosen = backend ?? (processEnvironment["PULUMI_BACKEND_URL"] || project.backend) ?? fallback;
  return new BuiltinStack({ project, stack, store: new StackStore(chosen, project.name, stack, project.directory) });
}
