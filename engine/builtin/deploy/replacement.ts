import type { Properties } from "../protocol/struct";
import { dependenciesOf } from "../state/snapshot";
import type { ResourceState } from "../state/resource-state";
import { unknownValue } from "../values";
import type { Providers } from "./providers";
import type { Registrar } from "./registrar";

/**
 * Old resources that must go before `root` can be deleted ahead of its replacement: itself and, in order of
 * dependency, those that would be replaced in turn because a property comes from one of them.
 */
export async function condemnedWith(
  root: ResourceState,
  registrar: Registrar,
  providers: Providers,
): Promise<ResourceState[]> {
  const condemned = [root];
  const reached = new Set([root.urn]);
  const urns = new Set([root.urn]);
  for (const state of registrar.olds.values()) {
    if (registrar.isRegistered(state.urn) || !dependenciesOf(state).some((urn) => reached.has(urn))) continue;
    reached.add(state.urn);
    if (!(await wouldBeReplaced(state, urns, providers))) continue;
    urns.add(state.urn);
    condemned.push(state);
  }
  return condemned;
}

async function wouldBeReplaced(
  state: ResourceState,
  condemned: ReadonlySet<string>,
  providers: Providers,
): Promise<boolean> {
  if (!state.custom || state.external || state.provider === undefined) return false;
  if (state.deletedWith !== undefined && condemned.has(state.deletedWith)) return true;
  const inputs: Properties = { ...state.inputs };
  let depends = false;
  for (const [name, urns] of Object.entries(state.propertyDependencies ?? {})) {
    if (!urns?.some((urn) => condemned.has(urn)) || inputs[name] === undefined) continue;
    inputs[name] = unknownValue;
    depends = true;
  }
  if (!depends) return false;
  const provider = await providers.get(state.provider);
  return (await provider.diff(state, inputs, state.ignoreChanges)).replaces.length > 0;
}
