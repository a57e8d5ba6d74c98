import { env as processEnvironment } from "node:process";
import { CdcError } from "../../lib/errors";
import type { RunOptions, RunResult, Stack } from "../stack";
import { record } from "./project";
import type { Properties } from "./protocol/struct";
import { open, perform, recover, type StackPlace } from "./session";
import {
  checkDeployment,
  formatCheckpoint,
  formatDeployment,
  readResources,
  stateSalt,
  type Deployment,
} from "./state/checkpoint";
import { lockStack, removeLocks } from "./state/lock";
import { PassphraseVault } from "./passphrase";
import { isRootStack, parseUrn } from "./urn";
import { shown } from "./values";
import { readStackFile, writeSalt } from "./stack-config";

/** A stack on the engine that is built in: no Pulumi CLI, the SDK's own processes, the CLI's state format. */
export class BuiltinStack implements Stack {
  readonly engine = "built-in";

  constructor(private readonly place: StackPlace) {}

  preview(options: RunOptions = {}): Promise<RunResult> {
    return perform(this.place, "preview", options);
  }

  up(options: RunOptions = {}): Promise<RunResult> {
    return perform(this.place, "up", options);
  }

  refresh(options: RunOptions = {}): Promise<RunResult> {
    return perform(this.place, "refresh", options);
  }

  destroy(options: RunOptions = {}): Promise<RunResult> {
    return perform(this.place, "destroy", options);
  }

  /** Outputs of the last run; secrets are shown as `[secret]`, so no passphrase is needed. */
  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const { resources = [] } = (await this.deployment()) as { resources?: { type: string; outputs?: Properties }[] };
    const root = resources.find(({ type }) => isRootStack(type));
    return shown(root?.outputs ?? {});
  }

  /** The deployment, secrets encrypted, as `pulumi stack export` prints it. */
  async export(): Promise<unknown> {
    return { version: 3, deployment: await this.deployment() };
  }

  /** Replaces the state by a deployment that was exported from this stack. Throws `CdcError` when it does not fit. */
  async import(given: unknown): Promise<void> {
    const { project, stack, store } = this.place;
    const lock = await lockStack(store.lockDirectory, () => undefined);
    try {
      const { version, features, deployment } = given as Partial<Deployment>;
      const imported = { version: version ?? 3, ...(features ? { features } : {}), deployment: record(deployment) };
      checkDeployment(imported, "the deployment");
      const file = readStackFile(project, stack);
      const salts = { config: file.salt, state: stateSalt(imported, "the deployment") };
      const vault = new PassphraseVault(salts, processEnvironment, (salt) => writeSalt(file.path, salt));
      const resources = readResources(imported, vault);
      const foreign = resources.find(({ urn }) => !belongs(urn, project.name, stack));
      if (foreign) {
        throw new CdcError("CDC_IMPORT_FOREIGN", `${foreign.urn} is not of the stack ${stack} of ${project.name}`, {
          hint: "Import a deployment that was exported from this stack.",
        });
      }
      store.save(formatCheckpoint(project.name, stack, resources, vault));
    } finally {
      lock.release();
    }
  }

  /** Removes the locks of a run that is not running any more. */
  cancel(): Promise<void> {
    return Promise.resolve(this.place.store.lockDirectory)
      .then(removeLocks)
      .then(() => undefined);
  }

  /** Removes the state. Throws `CdcError` (CDC_STACK_NOT_EMPTY) while it holds resources. */
  async remove(): Promise<void> {
    const { stack, store } = this.place;
    const lock = await lockStack(store.lockDirectory, () => undefined);
    try {
      const { resources = [] } = (await this.deployment()) as { resources?: readonly { type: string }[] | null };
      if ((resources ?? []).some(({ type }) => !isRootStack(type))) {
        const hint = "Destroy it first.";
        throw new CdcError("CDC_STACK_NOT_EMPTY", `stack ${stack} still holds resources`, { hint });
      }
      store.remove();
    } finally {
      lock.release();
    }
  }

  /** The stored deployment, with what an interrupted run had done. */
  private deployment(): Promise<Readonly<Record<string, unknown>>> {
    return Promise.resolve(this.place)
      .then(open)
      .then((opened) => {
        const { deployment, recovered } = opened.stored;
        if (recovered === undefined || recovered.stale) return deployment?.deployment ?? {};
        const resources = recover(opened, () => undefined).resources();
        return JSON.parse(formatDeployment(resources, opened.vault)) as Record<string, unknown>;
      });
  }
}

function belongs(urn: string, project: string, stack: string): boolean {
  const parts = parseUrn(urn);
  return parts.project === project && parts.stack === stack;
}
