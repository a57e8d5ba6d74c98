import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { EXIT_CODE_HELP } from "./exit-code";
import { processIo } from "./io";
import { buildProgram } from "./program";

const FILE = join(__dirname, "..", "docs", "cli.md");

/** docs/cli.md: the help of every command, in the order of `cdc --help`. */
function reference(): string {
  const program = buildProgram(processIo(() => new AbortController().signal));
  const options = block(optionLines(program));
  const head = `# Commands\n\nMade from \`cdc <command> --help\`: \`CDC_WRITE_DOCS=1 npx jest cli/reference\` writes it anew.\n`;
  const common = `## Options of every command\n\n${options}\n\n${block(EXIT_CODE_HELP)}\n`;
  return [head, common, ...listed(program).flatMap((command) => sections(command, "cdc"))].join("\n");
}

function sections(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`;
  const usage = `${name} ${command.usage().replace("[options] [command]", "<verb>")}`;
  const text = [command.description(), block([usage, "", optionLines(command)].join("\n").trim())];
  const own = `## ${name}\n\n${text.filter((part) => part !== "").join("\n\n")}\n`;
  return [own, ...listed(command).flatMap((verb) => sections(verb, name))];
}

/** The commands that its help lists. */
function listed(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== "help");
}

function optionLines(command: Command): string {
  const rows = command.options.map(({ flags, description, defaultValue }) => {
    const preset = defaultValue === undefined || defaultValue === true ? "" : ` (default ${String(defaultValue)})`;
    return [flags, `${description}${preset}`] as const;
  });
  const width = Math.max(0, ...rows.map(([flags]) => flags.length));
  return rows.map(([flags, text]) => `${flags.padEnd(width)}  ${text}`).join("\n");
}

function block(text: string | readonly string[]): string {
  return `\`\`\`text\n${typeof text === "string" ? text : text.join("\n")}\n\`\`\``;
}

test("docs/cli.md says what the commands say", () => {
  if (process.env["CDC_WRITE_DOCS"] !== undefined) writeFileSync(FILE, reference());
  expect(readFileSync(FILE, "utf8")).toBe(reference());
});
