import { Option, type Command } from "commander";
import { relative, resolve } from "node:path";
import { contextFrom, type Context } from "../context";
import type { Pattern, Scaffolded } from "../scaffold";
import type { Language } from "../scaffold-provider";

/** `cdc new`, and `cdc new provider` */
export function register(program: Command): void {
  const group = program
    .command("new")
    .summary("start a project")
    .description("Writes a small project that validates and deploys as it is. The folder must be empty or not exist.")
    .argument("<dir>", "folder to make; its name becomes the project's")
    .addOption(
      new Option("--pattern <pattern>", "one source database per customer, or one for all")
        .choices(["db-per-tenant", "db-shared"])
        .default("db-per-tenant"),
    )
    .addHelpText("after", "\nExample:\n  $ cdc new shop --pattern db-per-tenant")
    .action(start);
  registerProvider(group);
}

function registerProvider(group: Command): void {
  group
    .command("provider")
    .summary("start a provider of tasks")
    .description(
      "Writes a small provider that passes `cdc providers test` as it is, with a Dockerfile and a workflow that publishes\n" +
        "it. TypeScript is on pulumi-cdc/provider-sdk; Python and shell speak the protocol with what they have.",
    )
    .argument("<dir>", "folder to make; its name becomes the provider's")
    .addOption(
      new Option("--language <language>", "what it is written in")
        .choices(["typescript", "python", "shell"])
        .default("typescript"),
    )
    .addOption(new Option("--role <role>", "what it does in a task").choices(["input", "output"]).default("input"))
    .addHelpText("after", "\nExample:\n  $ cdc new provider orders-input --language python --role input")
    .action(startProvider);
}

interface ProviderFlags {
  readonly language: Language;
  readonly role: "input" | "output";
}

async function startProvider(dir: string, flags: ProviderFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { scaffoldProvider } = await import("../scaffold-provider");
  const { packageVersion } = await import("../../lib/package-root");
  const made = scaffoldProvider(resolve(context.directory, dir), { ...flags, version: packageVersion() });
  printMade(context, made, (shown) =>
    flags.language === "typescript"
      ? `  cd ${shown} && npm install && npm test`
      : `  cd ${shown} && cdc providers test provider --config test-config.json`,
  );
}

async function start(dir: string, flags: { pattern: Pattern }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { scaffold } = await import("../scaffold");
  const { packageVersion } = await import("../../lib/package-root");
  const made = scaffold(resolve(context.directory, dir), flags.pattern, packageVersion());
  printMade(context, made, (shown) => `  cd ${shown} && npm install\n  npx cdc validate\n  npx cdc preview -s dev`);
}

function printMade(context: Context, made: Scaffolded, next: (shown: string) => string): void {
  const path = relative(context.io.cwd, made.directory);
  const shown = path.startsWith("..") ? made.directory : path || ".";
  context.print(made, () => [`made ${shown}:`, ...made.files.map((file) => `  ${file}`)].join("\n"));
  context.note(`next:\n${next(shown)}`);
}
