import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ownSdkFolder } from "../../engine/builtin/processes/sdk";
import { packageRoot } from "../../lib/package-root";
import type { ResourceSpec } from "../../model/resource-spec";

/** Project that the stacks of all tasks belong to: part of every URN, so it never changes. */
const PROJECT = "cdc-tasks";

const FILES: Readonly<Record<string, string>> = {
  "Pulumi.yaml": `# Made by cdc: the infrastructure of one task. What is in it comes from the file of tasks.
name: ${PROJECT}
description: infrastructure of a task
runtime:
  name: nodejs
  options:
    typescript: false
main: index.js
`,
  // A module of the user's own kind of package would be read as something else.
  "package.json": `${JSON.stringify({ name: "cdc-task", private: true, type: "commonjs" }, undefined, 2)}\n`,
  "index.js": 'module.exports = require("pulumi-cdc/task-program");\n',
};

const RESOURCES = "resources.json";

/** Writes the Pulumi project of a task; what is there already stays as it is. Needs no `npm install`. */
export function writeStackProject(directory: string, task: string): void {
  mkdirSync(join(directory, "node_modules", "@pulumi"), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeWhenOther(join(directory, name), text);
  const stack = join(directory, `Pulumi.${task}.yaml`);
  if (!existsSync(stack)) writeFileSync(stack, "config: {}\n");
  if (!existsSync(join(directory, RESOURCES))) writeResources(directory, []);
  link(packageRoot(), join(directory, "node_modules", "pulumi-cdc"));
  link(ownSdkFolder(), join(directory, "node_modules", "@pulumi", "pulumi"));
}

/** Writes what the stack is to hold. */
export function writeResources(directory: string, specs: readonly ResourceSpec[]): void {
  writeWhenOther(join(directory, RESOURCES), `${JSON.stringify(specs, undefined, 2)}\n`);
}

/** Keeps a folder of ours out of version control: what is in it belongs to this machine. */
export function ignoreFolder(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeWhenOther(join(directory, ".gitignore"), "*\n");
}

function writeWhenOther(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The package may have moved since: a newer version, another folder. */
function link(target: string, path: string): void {
  if (linkTarget(path) === target) return;
  rmSync(path, { force: true, recursive: true });
  symlinkSync(target, path, "junction");
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
}
