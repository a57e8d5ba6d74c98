import type { EngineEvent } from "../../../engine/stack";
import { changeAs, stateOf, type ResourceEvent } from "../../lifecycle/stack-changes";
import type { ResourceState } from "../../protocol/messages";
import { calledOf } from "./called";
import type { ProviderStack } from "./provider-stack";

/**
 * Looks at the real things, and compares them with the program: `present`, `changed` (by hand, or in the program),
 * `missing` (it was there), `absent` (never made), `superfluous` (no longer in the program).
 */
export async function statesOf(stack: ProviderStack): Promise<ResourceState[]> {
  const known = new Set((await stack.deployed()).map(keyOf));
  const found = new Map<string, ResourceState>();
  await stack.run("preview", (event) => {
    const state = stateAfter(event, known);
    if (event.kind === "resource" && state !== undefined) found.set(keyOf(event), state);
  });
  return [...found.values()];
}

function stateAfter(event: EngineEvent, known: ReadonlySet<string>): ResourceState | undefined {
  const change = changeAs(event, calledOf);
  if (event.kind !== "resource" || change === undefined) return undefined;
  const { kind, name, action, detail } = change;
  const state = isReplaced(event) ? "changed" : stateOf(action, known.has(keyOf(event)));
  return { kind, name, state, ...(detail === undefined ? {} : { detail }) };
}

/** A new one in the place of the old one. */
function isReplaced({ operation }: ResourceEvent): boolean {
  return operation.includes("replace");
}

function keyOf({ type, name }: { readonly type: string; readonly name: string }): string {
  return `${type} ${name}`;
}
