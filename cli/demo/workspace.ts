import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import { packageRoot } from "../../lib/package-root";

/** A copy of an example that the demo may change. */
export interface Workspace {
  readonly directory: string;
  remove(): void;
}

/** Copies an example of this package into a temporary folder where `pulumi-cdc` can be found. */
export function openWorkspace(example: string): Workspace {
  const source = join(packageRoot(), "examples", example);
  if (!existsSync(source)) {
    throw new CdcError("CDC_DEMO", `the example ${example} is not in this package`, {
      hint: "Run the demo from a clone.",
    });
  }
  const directory = mkdtempSync(join(tmpdir(), "cdc-demo-"));
  cpSync(source, directory, {
    recursive: true,
    filter: (path) => !/node_modules|\.pulumi/.test(path.slice(source.length)),
  });
  writeFileSync(join(directory, "package.json"), '{ "name": "demo", "private": true }\n');
  linkPackages(directory);
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** As `npm install` would. */
function linkPackages(directory: string): void {
  const modules = join(directory, "node_modules");
  mkdirSync(modules);
  symlinkSync(packageRoot(), join(modules, "pulumi-cdc"), "junction");
}
