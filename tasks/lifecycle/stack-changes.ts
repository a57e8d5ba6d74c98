import type { EngineEvent, Operation } from "../../engine/stack";
import { resourceNoun, resourceObject } from "../../model/resource-noun";
import type { ResourceChange } from "../protocol/messages";

type ResourceEvent = Extract<EngineEvent, { kind: "resource" }>;

const OWN_TYPE = /^pulumi-nodejs:dynamic\/cdc:(\w+)$/;

const ACTIONS: Partial<Record<Operation, ResourceChange["action"]>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "update",
  "create-replacement": "create",
  delete: "delete",
  "delete-replaced": "delete",
  same: "none",
};

/** The last word of a resource's type, such as `EventQueue`; undefined for what isn't ours. */
export function wordOfType(type: string): string | undefined {
  return OWN_TYPE.exec(type)?.[1];
}

/** What a finished step of the stack means for the task; undefined when it is about no thing of ours. */
export function changeOf(event: EngineEvent): ResourceChange | undefined {
  if (event.kind !== "resource") return undefined;
  const action = ACTIONS[event.operation];
  const word = wordOfType(event.type);
  if (action === undefined || word === undefined) return undefined;
  return { action, kind: resourceNoun(word), name: objectOf(word, event), ...detailOf(event) };
}

function objectOf(word: string, event: ResourceEvent): string {
  return resourceObject(word, event.newProperties ?? event.oldProperties ?? {}) ?? event.name;
}

function detailOf({ operation, changed }: ResourceEvent): { detail?: string } {
  if (operation !== "update" || changed === undefined || changed.length === 0) return {};
  return { detail: changed.join(", ") };
}
