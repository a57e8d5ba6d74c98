import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folder of this package: where package.json, templates/ and examples/ are, from source and from dist/ alike. */
export function packageRoot(): string {
  const parent = dirname(__dirname);
  return existsSync(join(parent, "package.json")) ? parent : dirname(parent);
}

let version: string | undefined;

/** Version of this package. */
export function packageVersion(): string {
  version ??= (JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
  return version;
}
