/** Prints the section of one version of CHANGELOG.md; fails when there is none, so that no release goes out unexplained. */
import { readFileSync } from "node:fs";

const version = process.argv[2] ?? "";
const section = sectionOf(readFileSync("CHANGELOG.md", "utf8"), version);
if (section) {
  console.log(section);
} else {
  console.error(
    `CHANGELOG.md has no section for ${version || "(no version given)"}: add "## [${version}]" with what changed.`,
  );
  process.exitCode = 1;
}

function sectionOf(text, wanted) {
  const sections = text.split(/^## /m).slice(1);
  const found = sections.find((part) => /^\[?([^\]\s]+)/.exec(part)?.[1] === wanted);
  return found?.split("\n").slice(1).join("\n").trim();
}
