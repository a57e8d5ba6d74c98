import type { Operation } from "../../stack";
import type { ResourceState } from "../state/resource-state";
import { isProviderType } from "../urn";
import { changedNames, equalPlain } from "../values";
import type { Providers } from "./providers";
import { Stopped, type Run } from "./run";

/**
 * Reads what is really there into the state. In a refresh of its own every resource is told of as same, update or
 * delete; before another operation only drift is told, as refresh.
 */
export async function refreshAll(run: Run, providers: Providers, isOwnRun: boolean): Promise<void> {
  const states = run.snapshot.remaining.filter((state) => isReadable(state) && run.includes(state.urn));
  await Promise.all(states.map((state) => run.limited(() => refreshOne(run, providers, state, isOwnRun)).catch(skip)));
  function skip(error: unknown): void {
    if (!(error instanceof Stopped)) throw error;
  }
}

function isReadable(state: ResourceState): boolean {
  if (!state.custom || isProviderType(state.type) || state.id === undefined) return false;
  return !state.delete && !state.pendingReplacement && !state.external && state.provider !== undefined;
}

async function refreshOne(run: Run, providers: Providers, state: ResourceState, isOwnRun: boolean): Promise<void> {
  const since = performance.now();
  try {
    const provider = await providers.get(state.provider as string);
    const found = await provider.read({ ...state });
    const operation = record(run, state, found.id === "" ? undefined : read(state, found));
    if (operation !== "same" || isOwnRun) tell(run, state, isOwnRun ? operation : "refresh", since);
  } catch (error) {
    run.fail(error, state.urn);
  }
}

function read(
  state: ResourceState,
  found: { id: string; outputs: ResourceState["outputs"]; inputs?: ResourceState["inputs"] },
): ResourceState {
  return { ...state, id: found.id, outputs: found.outputs, inputs: found.inputs ?? state.inputs };
}

function record(run: Run, state: ResourceState, found: ResourceState | undefined): Operation {
  if (found === undefined) {
    run.snapshot.drop(state);
    return "delete";
  }
  const isSame =
    found.id === state.id && equalPlain(found.outputs, state.outputs) && equalPlain(found.inputs, state.inputs);
  if (isSame) return "same";
  run.snapshot.rewrite({ ...found, modified: new Date().toISOString() }, state);
  return "update";
}

function tell(run: Run, state: ResourceState, operation: Operation, since: number): void {
  const news = operation === "delete" ? undefined : run.snapshot.current(state);
  const changed = news === undefined ? [] : changedNames(state.outputs, news.outputs);
  run.reporter.tell({ urn: state.urn, type: state.type, operation, old: state, news, changed, since });
}
