/** Writes a version into VERSION, package.json and package-lock.json: `node scripts/set-version.mjs 1.2.3-beta.1`. */
import { readFileSync, writeFileSync } from "node:fs";

const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;
const version = process.argv[2] ?? "";

if (VERSION.test(version)) {
  writeFileSync("VERSION", `${version}\n`);
  edit("package.json", (content) => ({ ...content, version }));
  edit("package-lock.json", (content) => {
    const { "": root, ...others } = content.packages;
    return { ...content, version, packages: { "": { ...root, version }, ...others } };
  });
} else {
  console.error(`"${version}" is no version: write it as 1.2.3 or 1.2.3-beta.1.`);
  process.exitCode = 1;
}

function edit(path, change) {
  writeFileSync(path, `${JSON.stringify(change(JSON.parse(readFileSync(path, "utf8"))), undefined, 2)}\n`);
}
