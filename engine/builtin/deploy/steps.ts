import { randomUUID } from "node:crypto";
import { CdcError } from "../../../lib/errors";
import type { Operation } from "../../stack";
import type { Difference, Outcome, Provider } from "../provider";
import type { Properties } from "../protocol/struct";
import type { ResourceState } from "../state/resource-state";
import { isProviderType, packageOf } from "../urn";
import { asSecret, changedNames, containsUnknown, equal, equalPlain } from "../values";
import type { Goal } from "./goal";
import { ignoreChanges, parsePath } from "./ignore-changes";
import type { Providers } from "./providers";
import { stateOf, type Registrar } from "./registrar";
import { condemnedWith } from "./replacement";
import { label, type Run } from "./run";

/** The answer to a registration. */
export interface Registered {
  readonly state: ResourceState;
  /** The outcome is not known, because the resource is left out of this run. */
  readonly unknown?: boolean;
}

/** Decides what a registered resource needs, does it, and records it. */
export class Steps {
  /** Resources left out of this run that do not exist yet. */
  private readonly skipped = new Set<string>();
  /** Old resources deleted ahead of their replacement. */
  private readonly condemned = new Set<string>();

  constructor(
    private readonly run: Run,
    private readonly registrar: Registrar,
    private readonly providers: Providers,
  ) {}

  /** Brings one registered resource about. Throws when its provider does. */
  async settle(urn: string, goal: Goal): Promise<Registered> {
    const old = this.registrar.findOld(urn, goal);
    if (!goal.custom) return this.component(urn, goal, old);
    if (isProviderType(goal.type)) return this.explicitProvider(urn, goal, old);
    this.checkNeeds(urn, goal);
    if (!this.run.includes(urn)) return this.untargeted(urn, goal, old);
    const inherited = this.registrar.inheritedProvider(goal, packageOf(goal.type));
    const { provider, reference } = await this.providers.forGoal(goal, inherited);
    const wanted = old === undefined ? goal.inputs : ignoreChanges(goal.inputs, old.inputs, goal.ignoreChanges);
    const inputs = await this.check(provider, urn, old?.inputs ?? {}, wanted);
    const state = stateOf(urn, goal, inputs, reference, old);
    return this.custom(provider, goal, state, old);
  }

  private async custom(provider: Provider, goal: Goal, state: ResourceState, old?: ResourceState): Promise<Registered> {
    const isImport = goal.importId !== "" && (old?.importID ?? old?.id) !== goal.importId;
    if (isImport) return this.import(provider, goal, state);
    if (old === undefined) return this.create(provider, state, "create");
    if (this.condemned.has(old.urn) || old.pendingReplacement) return this.replaceDeleted(provider, goal, state, old);
    const difference = await this.difference(provider, goal, state, old);
    if (difference.replaces.length > 0) return this.replace(provider, goal, state, old, difference);
    if (difference.changes || old.initErrors?.length) return this.update(provider, goal, state, old);
    return this.same({ ...state, ...(old.id === undefined ? {} : { id: old.id }), outputs: old.outputs }, old);
  }

  private component(urn: string, goal: Goal, old?: ResourceState): Registered {
    const provider = "";
    const state = { ...stateOf(urn, goal, goal.inputs, provider, old), outputs: old?.outputs ?? {} };
    if (old !== undefined && equalPlain(old.inputs, state.inputs)) return this.same(state, old);
    return this.record(
      state,
      old,
      old === undefined ? "create" : "update",
      this.begin(state, old ? "update" : "create"),
    );
  }

  private explicitProvider(urn: string, goal: Goal, old?: ResourceState): Registered {
    const inputs: Properties = goal.version === "" ? goal.inputs : { ...goal.inputs, version: goal.version };
    const id = old?.id ?? randomUUID();
    const state = { ...stateOf(urn, goal, inputs, "", old), id, outputs: inputs };
    this.providers.register(urn, id, inputs);
    if (old !== undefined && equalPlain(old.inputs, inputs)) return this.same(state, old);
    const operation = old === undefined ? "create" : "update";
    return this.record(state, old, operation, this.begin(state, operation));
  }

  private untargeted(urn: string, goal: Goal, old?: ResourceState): Registered {
    if (old !== undefined) return this.same({ ...old, urn }, old);
    this.skipped.add(urn);
    return { state: stateOf(urn, goal, goal.inputs, ""), unknown: true };
  }

  private checkNeeds(urn: string, goal: Goal): void {
    const missing = goal.dependencies.find((dependency) => this.skipped.has(dependency));
    if (missing === undefined) return;
    if (!this.run.includes(urn)) return;
    throw new CdcError("CDC_TARGET_NEEDS", `it needs ${label(missing)}, which does not exist and is not a target`, {
      hint: `Add --target ${missing}.`,
    });
  }

  private async check(provider: Provider, urn: string, olds: Properties, news: Properties): Promise<Properties> {
    const { inputs, failures } = await provider.check(urn, olds, news);
    if (failures.length === 0) return inputs;
    const reasons = failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`));
    throw new CdcError("CDC_CHECK_FAILED", reasons.join("; "));
  }

  private async difference(
    provider: Provider,
    goal: Goal,
    state: ResourceState,
    old: ResourceState,
  ): Promise<Difference> {
    const replace = (key: string): Difference => ({ changes: true, replaces: [key], deleteBeforeReplace: false });
    if (packageOf(goal.type) === "" || old.provider === undefined || old.external) return replace("provider");
    const trigger = goal.replacementTrigger;
    if (old.replacementTrigger !== undefined && !equal(trigger, old.replacementTrigger))
      return replace("replacementTrigger");
    const said = await provider.diff(old, state.inputs, goal.ignoreChanges);
    const changes = said.changes ?? !equalPlain(old.inputs, state.inputs);
    const forced = changes ? forcedReplacements(goal.replaceOnChanges, old.inputs, state.inputs) : [];
    return { ...said, changes, replaces: [...said.replaces, ...forced] };
  }

  private same(state: ResourceState, old: ResourceState): Registered {
    const since = performance.now();
    return this.record(state, old, "same", since);
  }

  private begin(state: ResourceState, operation: Operation): number {
    this.run.checkGoing();
    return this.run.reporter.begin(state.urn, state.type, operation);
  }

  private async create(provider: Provider, state: ResourceState, operation: Operation, old?: ResourceState) {
    this.checkInputs(state);
    const since = this.begin(state, operation);
    const timeout = state.customTimeouts?.["create"] ?? 0;
    const outcome = await provider.create(state.urn, state.inputs, timeout, this.run.preview);
    if (outcome.id === "" && !this.run.preview) throw new Error("the provider returned no id");
    const now = new Date().toISOString();
    return this.finish({ ...state, created: now, modified: now }, outcome, old, operation, since);
  }

  private async update(provider: Provider, goal: Goal, state: ResourceState, old: ResourceState): Promise<Registered> {
    this.checkInputs(state);
    const since = this.begin(state, "update");
    const timeout = goal.customTimeouts["update"] ?? 0;
    const outcome = await provider.update(old, state.inputs, timeout, this.run.preview);
    return this.finish({ ...state, modified: new Date().toISOString() }, outcome, old, "update", since);
  }

  private async import(provider: Provider, goal: Goal, state: ResourceState): Promise<Registered> {
    const since = this.begin(state, "import");
    const found = await provider.read({
      urn: state.urn,
      id: goal.importId,
      inputs: state.inputs,
      outputs: state.inputs,
    });
    if (found.id === "")
      throw new CdcError("CDC_IMPORT_MISSING", `there is nothing with the id ${goal.importId} to import`);
    const now = new Date().toISOString();
    const imported = { ...state, inputs: found.inputs ?? state.inputs, created: now, modified: now };
    const { state: settled } = this.finish(imported, found, undefined, "import", since);
    const difference = await this.difference(provider, goal, state, settled);
    if (difference.replaces.length > 0) {
      throw new CdcError(
        "CDC_IMPORT_DIFFERS",
        `what was imported would have to be replaced (${difference.replaces.join(", ")})`,
      );
    }
    return difference.changes ? this.update(provider, goal, state, settled) : { state: settled };
  }

  private async replace(
    provider: Provider,
    goal: Goal,
    state: ResourceState,
    old: ResourceState,
    difference: Difference,
  ): Promise<Registered> {
    if (old.protect && state.protect) {
      throw new CdcError(
        "CDC_PROTECTED",
        `it would be replaced (${difference.replaces.join(", ")}), and it is protected`,
        {
          hint: "Remove protect from the resource, deploy, and change it then.",
        },
      );
    }
    // Defaults carried over from the old resource mean nothing to a new one.
    const inputs = await this.check(provider, state.urn, {}, goal.inputs);
    const fresh = { ...state, inputs };
    if (goal.deleteBeforeReplace ?? difference.deleteBeforeReplace) {
      await this.deleteFirst(old);
      return this.replaceDeleted(provider, goal, fresh, old);
    }
    const registered = await this.create(provider, fresh, "create-replacement", old);
    this.tellReplace(registered.state, old);
    return registered;
  }

  /** Creates anew what was deleted ahead of its replacement. */
  private async replaceDeleted(
    provider: Provider,
    goal: Goal,
    state: ResourceState,
    old: ResourceState,
  ): Promise<Registered> {
    const inputs = await this.check(provider, state.urn, {}, goal.inputs);
    const gone = this.run.snapshot.current(old);
    const registered = await this.create(provider, { ...state, inputs }, "create-replacement", gone);
    this.tellReplace(registered.state, old);
    return registered;
  }

  private async deleteFirst(old: ResourceState): Promise<void> {
    const condemned = await condemnedWith(old, this.registrar, this.providers);
    for (const state of condemned.reverse()) {
      if (this.condemned.has(state.urn)) continue;
      if (state.protect) {
        throw new CdcError("CDC_PROTECTED", `${label(state.urn)} would be deleted with it, and it is protected`);
      }
      this.condemned.add(state.urn);
      const since = this.begin(state, "delete-replaced");
      if (!this.run.preview && !state.retainOnDelete && state.provider !== undefined) {
        await (await this.providers.get(state.provider)).delete(state, state.customTimeouts?.["delete"] ?? 0);
      }
      this.run.snapshot.rewrite({ ...state, pendingReplacement: true }, state);
      this.run.reporter.tell({ urn: state.urn, type: state.type, operation: "delete-replaced", old: state, since });
    }
  }

  private tellReplace(state: ResourceState, old: ResourceState): void {
    const since = performance.now();
    this.run.reporter.tell({ urn: state.urn, type: state.type, operation: "replace", old, news: state, since });
  }

  private finish(
    state: ResourceState,
    outcome: Outcome,
    old: ResourceState | undefined,
    operation: Operation,
    since: number,
  ) {
    const outputs = { ...outcome.outputs };
    for (const name of state.additionalSecretOutputs ?? []) {
      if (outputs[name] !== undefined) outputs[name] = asSecret(outputs[name]);
    }
    const settled: ResourceState = { ...state, outputs };
    if (outcome.id !== "") settled.id = outcome.id;
    if (outcome.initErrors !== undefined) settled.initErrors = [...outcome.initErrors];
    const registered = this.record(settled, old, operation, since);
    if (outcome.initErrors !== undefined)
      throw new Error(`it exists but is not ready: ${outcome.initErrors.join("; ")}`);
    return registered;
  }

  private record(
    state: ResourceState,
    old: ResourceState | undefined,
    operation: Operation,
    since: number,
  ): Registered {
    if (operation === "create-replacement" && old !== undefined && !old.pendingReplacement) {
      this.run.snapshot.rewrite({ ...old, delete: true }, old);
      this.run.snapshot.settle(state);
    } else this.run.snapshot.settle(state, old);
    this.registrar.settle(state);
    this.run.reporter.tell({ urn: state.urn, type: state.type, operation, old, news: state, since });
    return { state };
  }

  private checkInputs(state: ResourceState): void {
    this.run.snapshot.checkStorable(state);
    if (this.run.preview || !containsUnknown(state.inputs)) return;
    throw new Error("its inputs are not known, because something they come from was left out of this run");
  }
}

/** The properties whose change replaces the resource because the program says so. */
function forcedReplacements(paths: readonly string[], olds: Properties, news: Properties): string[] {
  const changed = changedNames(olds, news);
  return paths.filter((path) => path === "*" || changed.includes(String(parsePath(path)[0])));
}
