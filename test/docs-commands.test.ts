import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { wordsOf, type CommandWords } from "../cli/completion/words";
import { processIo } from "../cli/io";
import { buildProgram } from "../cli/program";

const ROOT = join(__dirname, "..");
const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"],
  ...readdirSync(join(ROOT, "docs")).flatMap((file) => (/(?<!^cli)\.md$/.test(file) ? [`docs/${file}`] : [])),
  ...["db-per-tenant", "db-shared", "providers", "providers/typescript", "providers/python", "providers/shell"].map(
    (name) => `examples/${name}/README.md`,
  ),
];

const commands = new Map(
  wordsOf(buildProgram(processIo(() => new AbortController().signal))).map((command) => [command.path, command]),
);

/** Command lines in code blocks and between backticks, as words after `cdc`. */
function commandLines(page: string): string[][] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const blocks = [...text.matchAll(/^```(?:sh|yaml)\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  const lines = blocks.flatMap((block) => block.replaceAll("\\\n", " ").split("\n"));
  const inline = [...text.matchAll(/`(cdc [^`\n]+)`/g)].map(([, code = ""]) => code);
  return [...lines, ...inline].flatMap((line) => {
    const [, rest] = /(?:^|\s)(?:npx |--rm |--build )?cdc ([^|;&)>#"\\]*)/.exec(line) ?? [];
    return rest === undefined ? [] : [rest.trim().split(/\s+/)];
  });
}

/** What is wrong with a command line: a command or an option that there isn't. */
function fault(words: readonly string[]): string | undefined {
  let at: CommandWords | undefined = commands.get("");
  let path = "";
  for (const word of words) {
    const next = commands.get(path === "" ? word : `${path} ${word}`);
    if (next !== undefined) [at, path] = [next, next.path];
    else if (/^[a-z]/.test(word) && (at?.verbs.length ?? 0) > 0) return `${path} has no ${word}`.trim();
    const name = word.replace(/[=,].*$/, "");
    const known = ["--help", "-h", ...(at?.options ?? []).flatMap(({ short, long }) => [long, short ?? long])];
    if (/^--?[a-z]/i.test(word) && !known.includes(name)) return `${path} has no option ${name}`;
  }
  return undefined;
}

describe("the commands that the pages name", () => {
  test.each(PAGES)("exist, with their options, in %s", (page) => {
    const faults = commandLines(page).flatMap((words) => {
      const found = fault(words);
      return found === undefined ? [] : [`cdc ${words.join(" ")}: ${found}`];
    });
    expect(faults).toEqual([]);
  });

  test("are found at all", () => {
    expect(commandLines("docs/ci.md").length).toBeGreaterThan(8);
    expect(fault(["manage-migrations", "aply"])).toBe("manage-migrations has no aply");
    expect(fault(["upp"])).toBe("has no upp");
    expect(fault(["up", "--dry-run"])).toBe("up has no option --dry-run");
  });
});
