import type { EngineEvent } from "../../engine/stack";
import { resourceNoun, resourceObject } from "../../model/resource-noun";

/** A finished step of a run. */
export type ResourceEvent = Extract<EngineEvent, { kind: "resource" }>;

/** Name of what a resource is, such as `staging table`; undefined for what only groups others. */
export function nounOf(type: string): string | undefined {
  if (type.startsWith("pulumi:") || type.startsWith("cdc:")) return undefined;
  return resourceNoun(wordOf(type));
}

/** `3 tables`, `1 table`, `2 merge procedures`, `2 management schemas`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${count === 1 ? noun : `${noun}s`}`;
}

/** What the database calls it, such as `avansas.Actor`; the resource's name when it has no place there. */
export function objectOf(event: ResourceEvent): string {
  return resourceObject(wordOf(event.type), event.newProperties ?? event.oldProperties ?? {}) ?? event.name;
}

function wordOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}
