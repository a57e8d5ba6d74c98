import type { EngineEvent, Operation } from "../../engine/stack";
import { resourceNoun, resourceObject } from "../../model/resource-noun";
import type { ResourceChange } from "../protocol/messages";

/** A step that has ended. */
export type ResourceEvent = Extract<EngineEvent, { kind: "resource" }>;

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
  return changeAs(event, (found) => {
    const word = wordOfType(found.type);
    return word === undefined ? undefined : { kind: resourceNoun(word), name: objectOf(word, found) };
  });
}

/** The change that a finished step is to a resource that is called by kind and name; undefined when it is none. */
export function changeAs(
  event: EngineEvent,
  called: (event: ResourceEvent) => Pick<ResourceChange, "kind" | "name"> | undefined,
): ResourceChange | undefined {
  if (event.kind !== "resource") return undefined;
  const action = ACTIONS[event.operation];
  const names = called(event);
  return action === undefined || names === undefined ? undefined : { action, ...names, ...detailOf(event) };
}

/** What a resource is like, told by what a preview that looks at the real things would do to it. */
export function stateOf(action: ResourceChange["action"], wasThere: boolean): string {
  return STATES[action](wasThere);
}

const STATES = {
  none: () => "present",
  update: () => "changed",
  create: (wasThere: boolean) => (wasThere ? "missing" : "absent"),
  delete: () => "superfluous",
} as const;

function objectOf(word: string, event: ResourceEvent): string {
  return resourceObject(word, event.newProperties ?? event.oldProperties ?? {}) ?? event.name;
}

function detailOf({ operation, changed }: ResourceEvent): { detail?: string } {
  if (operation !== "update" || changed === undefined || changed.length === 0) return {};
  return { detail: changed.join(", ") };
}
