import type { PassphraseVault } from "../passphrase";
import { providerUrn } from "../urn";
import { containsSecret } from "../values";
import type { Journal, JournalEntry } from "./journal";
import { deserializeResource, sameState, serializeResource, type ResourceState } from "./resource-state";

/**
 * The state of a stack while it changes: the resources found at the start, and those that this run has settled.
 * Every change is journalled before the call returns. Without a journal (a preview) changes stay in memory.
 */
export class Snapshot {
  private readonly olds: (ResourceState | undefined)[];
  private readonly news: ResourceState[] = [];
  private readonly oldIndexes = new Map<ResourceState, number>();
  private readonly newIndexes = new Map<ResourceState, number>();
  /** New index -> old index of resources that came out unchanged, which the journal does not mention. */
  private readonly unmentioned = new Map<number, number>();
  private readonly renamed = new Map<string, string>();
  private changed = false;

  constructor(
    base: readonly ResourceState[],
    private readonly vault: PassphraseVault,
    private readonly journal?: Journal,
  ) {
    this.olds = [...base];
    base.forEach((state, index) => this.oldIndexes.set(state, index));
  }

  /** True when anything differs from what was found. */
  get dirty(): boolean {
    return this.changed;
  }

  /** The resources found at the start that nothing has happened to yet. */
  get remaining(): readonly ResourceState[] {
    return this.olds.filter((state) => state !== undefined);
  }

  /** Throws `CdcError` when the resource has secrets that could not be stored: to be asked before it is made. */
  checkStorable(state: ResourceState): void {
    if (this.journal === undefined) return;
    if (state.additionalSecretOutputs?.length || containsSecret(state.inputs)) this.vault.checkReady();
  }

  /** Records a settled resource, in place of `old` if given. */
  settle(state: ResourceState, old?: ResourceState): void {
    // Imported a moment ago, and now brought to what the program wants.
    if (old !== undefined && this.newIndexes.has(old)) {
      this.rewrite(state, old);
      return;
    }
    const oldIndex = old === undefined ? undefined : this.oldIndexes.get(old);
    if (oldIndex !== undefined) this.olds[oldIndex] = undefined;
    const index = this.news.push(state) - 1;
    this.newIndexes.set(state, index);
    if (oldIndex !== undefined) this.unmentioned.set(index, oldIndex);
    if (old !== undefined && sameState(state, old)) return;
    if (old !== undefined && old.urn !== state.urn) this.rename(old.urn, state.urn);
    this.writeNew(index, state);
  }

  /** Records a new version of a resource that was settled in this run, or that is still an old one. */
  rewrite(state: ResourceState, before: ResourceState = state): void {
    const index = this.newIndexes.get(before);
    if (index !== undefined) {
      this.news[index] = state;
      this.newIndexes.set(state, index);
      return this.writeNew(index, state);
    }
    const oldIndex = this.oldIndexes.get(before);
    if (oldIndex === undefined) return;
    this.olds[oldIndex] = state;
    this.oldIndexes.set(state, oldIndex);
    this.write({ old: oldIndex }, state);
  }

  /** Records that an old resource is no more. */
  drop(state: ResourceState): void {
    const index = this.oldIndexes.get(state);
    if (index === undefined || this.olds[index] === undefined) return;
    this.olds[index] = undefined;
    this.write({ old: index });
  }

  /** The newest version of an old resource. */
  current(state: ResourceState): ResourceState {
    const index = this.oldIndexes.get(state);
    return (index === undefined ? undefined : this.olds[index]) ?? state;
  }

  /** All resources, those that others depend on first. */
  resources(): ResourceState[] {
    return sortByDependency([...this.news, ...this.remaining].map((state) => this.followRenames(state)));
  }

  /** Redoes what a journal says. */
  replay(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (entry.renamed) this.renamed.set(entry.renamed[0], entry.renamed[1]);
      const state = entry.resource === undefined ? undefined : deserializeResource(entry.resource, this.vault);
      if (entry.new !== undefined && state !== undefined) this.news[entry.new] = state;
      if (entry.old !== undefined) this.olds[entry.old] = entry.new === undefined ? state : undefined;
      this.changed = true;
    }
    // What came out unchanged was not journalled: its old state is still among the olds, and its number is a hole.
    const found = this.news.filter((state) => (state as ResourceState | undefined) !== undefined);
    this.news.splice(0, this.news.length, ...found);
  }

  private rename(from: string, to: string): void {
    this.renamed.set(from, to);
    this.journal?.append({ renamed: [from, to] });
  }

  private writeNew(index: number, state: ResourceState): void {
    const old = this.unmentioned.get(index);
    this.unmentioned.delete(index);
    this.write({ new: index, ...(old === undefined ? {} : { old }) }, state);
  }

  private write(entry: JournalEntry, state?: ResourceState): void {
    this.changed = true;
    this.journal?.append(entry, state === undefined ? undefined : serializeResource(state, this.vault));
  }

  private followRenames(state: ResourceState): ResourceState {
    if (this.renamed.size === 0) return state;
    const follow = (urn: string): string => this.renamed.get(urn) ?? urn;
    const followed = { ...state };
    if (state.parent !== undefined) followed.parent = follow(state.parent);
    if (state.deletedWith !== undefined) followed.deletedWith = follow(state.deletedWith);
    if (state.dependencies) followed.dependencies = state.dependencies.map(follow);
    if (state.propertyDependencies) {
      const entries = Object.entries(state.propertyDependencies);
      followed.propertyDependencies = Object.fromEntries(
        entries.map(([name, urns]) => [name, urns?.map(follow) ?? null]),
      );
    }
    return followed;
  }
}

/** Everything a resource depends on: parent, provider, dependencies and the resource it is deleted with. */
export function dependenciesOf(state: ResourceState): string[] {
  const urns = [...(state.dependencies ?? [])];
  if (state.parent) urns.push(state.parent);
  if (state.provider) urns.push(providerUrn(state.provider));
  if (state.deletedWith) urns.push(state.deletedWith);
  for (const dependencies of Object.values(state.propertyDependencies ?? {})) urns.push(...(dependencies ?? []));
  return urns;
}

/** A stable order in which everything follows what it depends on. */
export function sortByDependency(states: readonly ResourceState[]): ResourceState[] {
  const byUrn = new Map<string, ResourceState[]>();
  for (const state of states) byUrn.set(state.urn, [...(byUrn.get(state.urn) ?? []), state]);
  const sorted: ResourceState[] = [];
  const visited = new Set<ResourceState>();
  const visit = (state: ResourceState): void => {
    if (visited.has(state)) return;
    visited.add(state);
    for (const urn of dependenciesOf(state)) lookUp(byUrn.get(urn), state).forEach(visit);
    sorted.push(state);
  };
  states.forEach(visit);
  return sorted;
}

/** What is being replaced depends on what is being replaced; everything else on what stays. */
function lookUp(candidates: readonly ResourceState[] | undefined, dependent: ResourceState): readonly ResourceState[] {
  if (candidates === undefined || candidates.length < 2) return candidates ?? [];
  const alike = candidates.filter((candidate) => (candidate.delete ?? false) === (dependent.delete ?? false));
  return alike.length > 0 ? alike : candidates;
}
