/**
 * Prints the notes of a release: the section of CHANGELOG.md with its version, without which no release goes out. A
 * pre-release may do with the section of the version that it leads to. The commits since the last tag follow.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const version = process.argv[2] ?? "";
const [released] = version.split("-");
const isPreRelease = version !== released;
const changelog = readFileSync("CHANGELOG.md", "utf8");
const section = sectionOf(changelog, version) ?? (isPreRelease ? sectionOf(changelog, released) : undefined);

if (section) {
  const commits = commitsSince(lastTag());
  console.log(section);
  if (commits !== "") console.log(`\n### Commits\n\n${commits}`);
} else {
  console.error(
    `CHANGELOG.md has no section for ${version || "(no version given)"}: add "## [${released || version}]" with what changed.`,
  );
  process.exitCode = 1;
}

function sectionOf(text, wanted) {
  const sections = text.split(/^## /m).slice(1);
  const found = sections.find((part) => /^\[?([^\]\s]+)/.exec(part)?.[1] === wanted);
  return found?.split("\n").slice(1).join("\n").trim();
}

/** The tag before this one; undefined for the first release, whose section says enough. */
function lastTag() {
  return git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^");
}

function commitsSince(tag) {
  return tag === undefined ? "" : (git("log", "--no-merges", "--format=- %s (%h)", `${tag}..HEAD`) ?? "");
}

function git(...args) {
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}
