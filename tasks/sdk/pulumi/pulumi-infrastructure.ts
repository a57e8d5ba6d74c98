import { changeAs } from "../../lifecycle/stack-changes";
import type { InfrastructureResult, ResourceChange } from "../../protocol/messages";
import type { InfrastructureProvider, ProviderContext } from "../provider";
import { failureOf } from "../provider-error";
import { calledOf } from "./called";
import { ProviderStack } from "./provider-stack";
import { statesOf } from "./states";

/** Settings of a {@link PulumiInfrastructure}. */
export interface PulumiSettings {
  /** Name of the Pulumi project: letters, digits, `-`, `_` and `.`. Part of every URN, so it never changes. */
  readonly project: string;
  /** Name of the stack; the task's when absent, else `default`. */
  readonly stack?: string;
  /**
   * Folder that holds one folder for each stack: its project and, unless `backend` says otherwise, its state. Default the
   * task's folder (`.cdc/tasks/<task>/providers/<project>`), without a task `.cdc/providers/<project>`.
   */
  readonly directory?: string;
  /** Where the state is, as in `pulumi login`; default `PULUMI_BACKEND_URL`, else in the stack's folder. */
  readonly backend?: string;
  /** `auto` (default): the Pulumi CLI when it is on PATH, else the engine that is built in. */
  readonly engine?: "auto" | "pulumi" | "built-in";
  /** Compiled file that calls `runProvider`; default the one that this process was started with. */
  readonly entry?: string;
}

/**
 * Infrastructure that is a Pulumi program: `init` brings it up, `plan` previews it, `status` compares it with what is
 * there, `destroy` removes it, its stack and its folder. A method never throws for what goes wrong meanwhile: it answers
 * `failed` with a code, a sentence without a stack trace, and the changes that were made until then.
 */
export abstract class PulumiInfrastructure<C> implements InfrastructureProvider<C> {
  constructor(protected readonly settings: PulumiSettings) {}

  /**
   * Makes the resources. Runs in a process of its own, in which the provider's file is loaded anew: what the provider
   * has done before isn't known there.
   * @param config the provider's; values that are secret have to be wrapped (`pulumi.secret`) where they go into a resource
   * @returns outputs of the stack as an object, or nothing; or a promise of that
   */
  abstract program(config: C): unknown;

  /**
   * Variables that the program and its resources find in their environment, and that no state may hold.
   * @param _config the provider's
   */
  protected environment(_config: C): Readonly<Record<string, string>> {
    return {};
  }

  init(config: C, context: ProviderContext): Promise<InfrastructureResult> {
    return this.changing(config, context, (stack, note) => stack.run("up", note));
  }

  plan(config: C, context: ProviderContext): Promise<InfrastructureResult> {
    return this.changing(config, context, (stack, note) => stack.run("preview", note));
  }

  destroy(config: C, context: ProviderContext): Promise<InfrastructureResult> {
    return this.changing(config, context, (stack, note) => stack.destroy(note));
  }

  async status(config: C, context: ProviderContext): Promise<InfrastructureResult> {
    try {
      return { status: "succeeded", resources: await statesOf(await this.open(config, context)) };
    } catch (error) {
      return failed(error);
    }
  }

  private open(config: C, context: ProviderContext): Promise<ProviderStack> {
    return ProviderStack.open(this.settings, config, this.environment(config), context);
  }

  private async changing(
    config: C,
    context: ProviderContext,
    work: (stack: ProviderStack, note: Parameters<ProviderStack["run"]>[1]) => Promise<void>,
  ): Promise<InfrastructureResult> {
    const changes: ResourceChange[] = [];
    try {
      await work(await this.open(config, context), (event) => {
        const change = changeAs(event, calledOf);
        if (change !== undefined) changes.push(change);
      });
      return { status: "succeeded", changes };
    } catch (error) {
      return { ...failed(error), changes };
    }
  }
}

function failed(error: unknown): InfrastructureResult {
  const { code, message, hint } = failureOf(error);
  return { status: "failed", error: { code, message: [withoutStack(message), hint].filter(Boolean).join("; ") } };
}

/** What the SDK tells of an error that nobody has caught ends in where it comes from. */
function withoutStack(message: string): string {
  const lines = message.split("\n").filter((line) => !/^\s+at /.test(line));
  return lines.map((line) => line.trim()).join(" ");
}
