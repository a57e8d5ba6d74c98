import { CdcError } from "../../../lib/errors";
import type { ResourceState } from "../state/resource-state";
import { dependenciesOf } from "../state/snapshot";
import { isProviderType } from "../urn";
import type { Providers } from "./providers";
import { label, Stopped, type Run } from "./run";

/**
 * Deletes resources, each when everything that depends on it is gone. What a failed delete depends on is kept.
 * Throws `CdcError`, before anything is deleted, when one is protected or still needed.
 */
export async function deleteAll(run: Run, providers: Providers, doomed: readonly ResourceState[]): Promise<void> {
  refuseProtected(doomed);
  refuseNeeded(run, doomed);
  const order = new DeleteOrder(doomed);
  const urns = new Set(doomed.map((state) => state.urn));
  await new Promise<void>((resolve) => {
    let active = 0;
    const proceed = (): void => {
      for (let next = order.take(); next !== undefined; next = order.take()) {
        const state = next;
        active += 1;
        void deleteOne(run, providers, state, urns).then((gone) => {
          active -= 1;
          if (gone) order.done(state);
          proceed();
        });
      }
      if (active === 0) resolve();
    };
    proceed();
  });
}

async function deleteOne(
  run: Run,
  providers: Providers,
  state: ResourceState,
  doomed: ReadonlySet<string>,
): Promise<boolean> {
  try {
    await run.limited(() => perform(run, providers, state, doomed));
    return true;
  } catch (error) {
    if (!(error instanceof Stopped)) run.fail(error, state.urn);
    return false;
  }
}

async function perform(
  run: Run,
  providers: Providers,
  state: ResourceState,
  doomed: ReadonlySet<string>,
): Promise<void> {
  const operation = state.delete ? "delete-replaced" : "delete";
  const isSilent = isDefaultProvider(state) || state.external || state.pendingReplacement;
  const since = isSilent ? 0 : run.reporter.begin(state.urn, state.type, operation);
  if (!run.preview && isRemote(state, doomed)) {
    const provider = await providers.get(state.provider as string);
    await provider.delete(state, state.customTimeouts?.["delete"] ?? 0);
  }
  run.snapshot.drop(state);
  if (!isSilent) run.reporter.tell({ urn: state.urn, type: state.type, operation, old: state, since });
}

/** True when a provider has something to delete. */
function isRemote(state: ResourceState, doomed: ReadonlySet<string>): boolean {
  if (!state.custom || isProviderType(state.type) || state.provider === undefined) return false;
  if (state.retainOnDelete || state.external || state.pendingReplacement) return false;
  return state.deletedWith === undefined || !doomed.has(state.deletedWith);
}

/** Providers that the engine made by itself are its own affair. */
export function isDefaultProvider(state: ResourceState): boolean {
  return isProviderType(state.type) && /::default(_[^:]*)?$/.test(state.urn);
}

function refuseProtected(doomed: readonly ResourceState[]): void {
  const isProtected = doomed.filter((state) => state.protect && !state.pendingReplacement);
  if (isProtected.length === 0) return;
  const names = isProtected.map((state) => label(state.urn)).join(", ");
  throw new CdcError("CDC_PROTECTED", `nothing was deleted, because these are protected: ${names}`, {
    hint: "Remove protect from the resources and deploy first, or keep them in the program.",
  });
}

/** With targets: what stays may not depend on what goes. */
function refuseNeeded(run: Run, doomed: readonly ResourceState[]): void {
  if (!run.isTargeted) return;
  const going = new Set(doomed.map((state) => state.urn));
  const staying = run.snapshot.resources().filter((state) => !doomed.includes(state) && !going.has(state.urn));
  const needing = staying.filter((state) => dependenciesOf(state).some((urn) => going.has(urn)));
  if (needing.length === 0) return;
  const names = needing.map((state) => label(state.urn)).join(", ");
  throw new CdcError("CDC_TARGET_DEPENDENTS", `nothing was deleted, because these depend on the targets: ${names}`, {
    hint: "Add them to the targets.",
  });
}

/** Hands out resources whose dependents are gone. */
class DeleteOrder {
  private readonly ready: ResourceState[] = [];
  private readonly dependents = new Map<ResourceState, number>();
  private readonly byUrn = new Map<string, ResourceState[]>();

  constructor(doomed: readonly ResourceState[]) {
    for (const state of doomed) this.byUrn.set(state.urn, [...(this.byUrn.get(state.urn) ?? []), state]);
    for (const state of doomed) this.dependents.set(state, 0);
    for (const state of doomed) this.each(state, (needed) => this.add(needed, 1));
    for (const [state, count] of this.dependents) if (count === 0) this.ready.unshift(state);
  }

  take(): ResourceState | undefined {
    return this.ready.shift();
  }

  done(state: ResourceState): void {
    this.each(state, (needed) => {
      if (this.add(needed, -1) === 0) this.ready.push(needed);
    });
  }

  private add(state: ResourceState, change: number): number {
    const count = (this.dependents.get(state) ?? 0) + change;
    this.dependents.set(state, count);
    return count;
  }

  private each(state: ResourceState, visit: (needed: ResourceState) => void): void {
    for (const urn of new Set(dependenciesOf(state))) {
      for (const needed of this.byUrn.get(urn) ?? []) if (needed !== state) visit(needed);
    }
  }
}
