import type * as pulumi from "@pulumi/pulumi";
import { CdcError } from "../lib/errors";
import { resourceKey, type ResourceSpec, type ResourceType } from "../model/resource-spec";
import {
  CdcManagement,
  EventQueue,
  MergeProcedure,
  SinkSchema,
  SinkTable,
  SourceDatabaseCdc,
  SourceTableCdc,
  StagingTable,
} from "../providers";

/** A resource's class. What is written in a specification is what the class takes: the same code has made it. */
type ResourceClass = new (name: string, args: never, opts: pulumi.CustomResourceOptions) => pulumi.CustomResource;

const CLASSES: Readonly<Record<ResourceType, ResourceClass>> = {
  CdcManagement,
  EventQueue,
  MergeProcedure,
  SinkSchema,
  SinkTable,
  SourceDatabaseCdc,
  SourceTableCdc,
  StagingTable,
};

/** Makes the resources of a task, each after those that it depends on. Answers them by their key. */
export function makeTaskResources(specs: readonly ResourceSpec[]): ReadonlyMap<string, pulumi.Resource> {
  const made = new Map<string, pulumi.Resource>();
  for (const spec of inOrder(specs)) {
    const dependsOn = (spec.dependsOn ?? []).flatMap((key) => made.get(key) ?? []);
    const Class = CLASSES[spec.type];
    made.set(resourceKey(spec), new Class(spec.name, spec.args as never, { dependsOn }));
  }
  return made;
}

/** Those that others depend on come first. Throws CdcError (CDC_TASK_RESOURCES) for a circle, or a name that isn't there. */
function inOrder(specs: readonly ResourceSpec[]): readonly ResourceSpec[] {
  const byKey = new Map(specs.map((spec) => [resourceKey(spec), spec]));
  const ordered = new Set<ResourceSpec>();
  const visit = (key: string, within: readonly string[]): void => {
    const spec = byKey.get(key);
    if (spec === undefined || within.includes(key)) throw wrong([...within, key]);
    if (ordered.has(spec)) return;
    for (const other of spec.dependsOn ?? []) visit(other, [...within, key]);
    ordered.add(spec);
  };
  for (const key of byKey.keys()) visit(key, []);
  return [...ordered];
}

function wrong(keys: readonly string[]): CdcError {
  return new CdcError("CDC_TASK_RESOURCES", `these resources can't be put in order: ${keys.join(" after ")}`);
}
