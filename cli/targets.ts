import type { Stack } from "../engine/stack";
import { CdcError } from "../lib/errors";
import { nearestWord } from "../model/nearest-word";
import { nameOfUrn, resourcesOf } from "./deployment";

/** URNs for what `--target` names: a URN stays, a name is looked up in the stack's state. Throws CdcError (CDC_NO_TARGET). */
export async function resolveTargets(stack: Stack, targets: readonly string[]): Promise<string[]> {
  if (targets.every(isUrn)) return [...targets];
  const urns = resourcesOf(await stack.export()).map(({ urn }) => urn);
  return targets.flatMap((target) => (isUrn(target) ? [target] : urnsNamed(target, urns)));
}

function isUrn(target: string): boolean {
  return target.startsWith("urn:pulumi:");
}

function urnsNamed(name: string, urns: readonly string[]): string[] {
  const found = urns.filter((urn) => nameOfUrn(urn) === name);
  if (found.length > 0) return found;
  const near = nearestWord(name, new Set(urns.map(nameOfUrn)));
  const hint = near === undefined ? "Give its URN: `cdc preview --json` prints them." : `Did you mean ${near}?`;
  throw new CdcError("CDC_NO_TARGET", `no resource named ${name} is deployed in this stack`, { hint });
}
