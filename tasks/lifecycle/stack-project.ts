import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ResourceSpec } from "../../model/resource-spec";
import { writePulumiProject, writeWhenOther } from "./pulumi-project";

const PROJECT = {
  name: "cdc-tasks",
  description: "infrastructure of a task",
  about: "Made by cdc: the infrastructure of one task. What is in it comes from the file of tasks.",
  program: 'module.exports = require("pulumi-cdc/task-program");\n',
} as const;

const RESOURCES = "resources.json";

/** Writes the Pulumi project of a task; what is there already stays as it is. */
export function writeStackProject(directory: string, task: string): void {
  writePulumiProject(directory, task, PROJECT);
  if (!existsSync(join(directory, RESOURCES))) writeResources(directory, []);
}

/** Writes what the stack is to hold. */
export function writeResources(directory: string, specs: readonly ResourceSpec[]): void {
  writeWhenOther(join(directory, RESOURCES), `${JSON.stringify(specs, undefined, 2)}\n`);
}
