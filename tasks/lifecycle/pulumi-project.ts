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

/** A Pulumi project that we write ourselves, without a word of the user's in it. */
export interface PulumiProject {
  /** Part of every URN, so it never changes. */
  readonly name: string;
  readonly description: string;
  /** The comment on top of Pulumi.yaml. */
  readonly about: string;
  /** Text of the program, a CommonJS module. */
  readonly program: string;
  /** Folder of the Pulumi SDK that the program loads; ours when absent. */
  readonly sdk?: string;
}

/** Writes a project and the file of a stack; what is there already stays as it is. Needs no `npm install`. */
export function writePulumiProject(directory: string, stack: string, project: PulumiProject): void {
  mkdirSync(join(directory, "node_modules", "@pulumi"), { recursive: true });
  for (const [name, text] of Object.entries(filesOf(project))) writeWhenOther(join(directory, name), text);
  const config = join(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(config)) writeFileSync(config, "config: {}\n");
  link(packageRoot(), join(directory, "node_modules", "pulumi-cdc"));
  link(project.sdk ?? ownSdkFolder(), join(directory, "node_modules", "@pulumi", "pulumi"));
}

/** Writes a file whose folder need not be there; one that has this text already keeps its time. */
export function writeWhenOther(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Keeps a folder of ours out of version control: what is in it belongs to this machine. */
export function ignoreFolder(directory: string): void {
  writeWhenOther(join(directory, ".gitignore"), "*\n");
}

function filesOf({ name, description, about, program }: PulumiProject): Readonly<Record<string, string>> {
  return {
    "Pulumi.yaml": `# ${about}
name: ${name}
description: ${description}
runtime:
  name: nodejs
  options:
    typescript: false
main: index.js
`,
    // A module of the user's own kind of package would be read as something else.
    "package.json": `${JSON.stringify({ name: "cdc-task", private: true, type: "commonjs" }, undefined, 2)}\n`,
    "index.js": program,
  };
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
