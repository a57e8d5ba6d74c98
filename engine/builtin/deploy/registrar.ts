import { CdcError } from "../../../lib/errors";
import type { Properties } from "../protocol/struct";
import type { ResourceState } from "../state/resource-state";
import { isProviderType, isRootStack, makeUrn, parseUrn } from "../urn";
import { equal } from "../values";
import { unsupported, type AliasGoal, type Goal } from "./goal";
import type { Run } from "./run";

/** Knows which resources were there, which are registered, and which is which. */
export class Registrar {
  /** Resources found at the start, by URN; those already condemned are not among them. */
  readonly olds = new Map<string, ResourceState>();
  private readonly goals = new Map<string, Goal>();
  private readonly settled = new Map<string, ResourceState>();
  /** New URN -> the old one it was found under, and the other way round. */
  private readonly aliasOf = new Map<string, string>();
  private readonly claimed = new Map<string, string>();
  private readonly toldOutputs = new Set<string>();

  constructor(private readonly run: Run) {
    for (const state of run.snapshot.remaining) if (state.delete !== true) this.olds.set(state.urn, state);
  }

  /** Gives a goal its URN, with what it takes over from its parent. Throws `CdcError` when the URN is taken. */
  enter(given: Goal): { urn: string; goal: Goal } {
    const parent = this.goals.get(given.parent);
    if (given.parent !== "" && parent === undefined) {
      throw new CdcError("CDC_PROGRAM_INVALID", `the parent ${given.parent} of ${given.name} is not registered`);
    }
    const goal = parent === undefined ? given : inherit(given, parent);
    const urn = makeUrn(this.run.stack, this.run.project.name, goal.parent, goal.type, goal.name);
    if (this.goals.has(urn)) {
      throw new CdcError("CDC_DUPLICATE_RESOURCE", `two resources have the URN ${urn}`, {
        hint: `Give one of the resources ${goal.name} another name.`,
      });
    }
    this.goals.set(urn, goal);
    return { urn, goal };
  }

  /** The old state of a resource, under its URN or one of its aliases. */
  findOld(urn: string, goal: Goal): ResourceState | undefined {
    const own = this.olds.get(urn);
    if (own !== undefined && !this.claimed.has(urn)) return own;
    for (const alias of this.aliases(urn, goal)) {
      const old = this.olds.get(alias);
      if (old === undefined || this.goals.has(alias) || this.claimed.has(alias)) continue;
      this.claimed.set(alias, urn);
      this.aliasOf.set(urn, alias);
      return old;
    }
    return undefined;
  }

  /** Whether an old resource was registered again, under whatever name. */
  isRegistered(urn: string): boolean {
    return this.goals.has(urn) || this.claimed.has(urn);
  }

  settle(state: ResourceState): void {
    this.settled.set(state.urn, state);
  }

  /** Records the outputs that a component, or the stack, registered. */
  settleOutputs(state: ResourceState, outputs: Properties): void {
    this.toldOutputs.add(state.urn);
    if (equal(state.outputs, outputs)) return;
    const next = { ...state, outputs };
    this.run.snapshot.rewrite(next, state);
    this.settled.set(state.urn, next);
  }

  /** To be called when the program ended well: a component that registered no outputs has none, whatever it had before. */
  settleUntoldOutputs(): void {
    for (const state of [...this.settled.values()]) {
      if (!state.custom && !isProviderType(state.type) && !this.toldOutputs.has(state.urn))
        this.settleOutputs(state, {});
    }
  }

  state(urn: string): ResourceState | undefined {
    return this.settled.get(urn);
  }

  /** The provider reference that a parent's `providers` give to a package. */
  inheritedProvider(goal: Goal, packageName: string): string {
    for (let urn = goal.parent; urn !== ""; urn = this.goals.get(urn)?.parent ?? "") {
      const parent = this.goals.get(urn);
      const reference = parent?.providers[packageName];
      if (reference !== undefined) return reference;
      if (parent?.custom && parent.provider !== "" && parent.type.startsWith(`${packageName}:`)) return parent.provider;
    }
    return "";
  }

  private aliases(urn: string, goal: Goal): string[] {
    const own = goal.aliases.map((alias) => this.aliasUrn(goal, alias)).filter((alias) => alias !== urn);
    const parentAlias = this.aliasOf.get(goal.parent);
    if (parentAlias === undefined) return own;
    const inherited = [{ type: goal.type, name: goal.name }, ...own.map(parseUrn)].map(({ type, name }) =>
      this.childAlias(type, name, goal.parent, parentAlias),
    );
    return [...own, ...inherited];
  }

  private aliasUrn(goal: Goal, { urn, spec }: AliasGoal): string {
    if (urn !== undefined && urn !== "") return urn;
    const named = spec?.parentUrn;
    const parent = spec?.noParent ? "" : named ? (this.aliasOf.get(named) ?? named) : goal.parent;
    const { stack, project } = {
      stack: spec?.stack || this.run.stack,
      project: spec?.project || this.run.project.name,
    };
    return makeUrn(stack, project, parent, spec?.type || goal.type, spec?.name || goal.name);
  }

  /** A child named after its parent was named after the parent's old name before. */
  private childAlias(type: string, name: string, parent: string, parentAlias: string): string {
    const parentName = parseUrn(parent).name;
    const oldName = name.startsWith(parentName) ? parseUrn(parentAlias).name + name.slice(parentName.length) : name;
    return makeUrn(this.run.stack, this.run.project.name, parentAlias, type, oldName);
  }
}

/** What a child takes over from its parent when it says nothing itself. */
function inherit(child: Goal, parent: Goal): Goal {
  const { protect, retainOnDelete } = parent;
  return {
    ...(protect === undefined ? {} : { protect }),
    ...(retainOnDelete === undefined ? {} : { retainOnDelete }),
    ...child,
    deletedWith: child.deletedWith || parent.deletedWith,
    provider: child.provider || (child.custom ? "" : parent.provider),
  };
}

/** The state of a resource as registered, before anything is known of its outputs. */
export function stateOf(
  urn: string,
  goal: Goal,
  inputs: Properties,
  provider: string,
  old?: ResourceState,
): ResourceState {
  const state: ResourceState = { urn, custom: goal.custom, type: goal.type, inputs, outputs: {} };
  if (isRootStack(goal.type) && goal.parent !== "") throw unsupported("a stack inside a stack");
  if (goal.parent !== "") state.parent = goal.parent;
  if (goal.protect) state.protect = true;
  if (goal.dependencies.length > 0) state.dependencies = [...goal.dependencies];
  if (provider !== "") state.provider = provider;
  if (Object.keys(goal.propertyDependencies).length > 0) state.propertyDependencies = goal.propertyDependencies;
  if (goal.additionalSecretOutputs.length > 0) state.additionalSecretOutputs = [...goal.additionalSecretOutputs];
  if (Object.keys(goal.customTimeouts).length > 0) state.customTimeouts = { ...goal.customTimeouts };
  if (goal.importId !== "") state.importID = goal.importId;
  if (goal.retainOnDelete) state.retainOnDelete = true;
  if (goal.deletedWith !== "") state.deletedWith = goal.deletedWith;
  if (old?.created !== undefined) state.created = old.created;
  if (old?.modified !== undefined) state.modified = old.modified;
  if (goal.sourcePosition !== "") state.sourcePosition = goal.sourcePosition;
  if (goal.ignoreChanges.length > 0) state.ignoreChanges = [...goal.ignoreChanges];
  if (goal.replaceOnChanges.length > 0) state.replaceOnChanges = [...goal.replaceOnChanges];
  if (goal.replacementTrigger !== undefined) state.replacementTrigger = goal.replacementTrigger;
  return state;
}
