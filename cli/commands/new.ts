import { Option, type Command } from "commander";
import { relative, resolve } from "node:path";
import { contextFrom } from "../context";
import type { Pattern } from "../scaffold";

/** `cdc new` */
export function register(program: Command): void {
  program
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
}

async function start(dir: string, flags: { pattern: Pattern }, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { scaffold } = await import("../scaffold");
  const { packageVersion } = await import("../../lib/package-root");
  const made = scaffold(resolve(context.directory, dir), flags.pattern, packageVersion());
  const path = relative(context.io.cwd, made.directory);
  const shown = path.startsWith("..") ? made.directory : path || ".";
  context.print(made, () => [`made ${shown}:`, ...made.files.map((file) => `  ${file}`)].join("\n"));
  context.note(`next:\n  cd ${shown} && npm install\n  npx cdc validate\n  npx cdc preview -s dev`);
}
