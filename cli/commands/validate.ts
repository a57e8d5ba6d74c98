import type { Command } from "commander";
import { contextFrom, type Context } from "../context";
import { EXIT } from "../exit-code";
import { counted } from "../print/nouns";
import type { CheckedConfiguration, ValidateFlags } from "../validate";

/** `cdc validate` */
export function register(program: Command): void {
  addValidate(program).addHelpText("after", "\nExample:\n  $ cdc validate -s prod --strict");
}

/** The same verb in a group of commands. */
export function addValidate(parent: Command): Command {
  return parent
    .command("validate")
    .summary("check the YAML, all problems at once")
    .description(
      "Checks the configuration without touching any database. Every problem is told with file, line and key.\n" +
        "Folder, service and environment come from the stack (Pulumi.<stack>.yaml), unless given.\n" +
        "Exit codes: 0 it can be deployed, 2 it has problems.",
    )
    .argument("[dir]", "folder of source-groups.yaml")
    .option("--service <name>", "only this service")
    .option("--environment <name>", "environment whose databases are meant")
    .option("--strict", "warnings of the pattern's rules count as problems")
    .action(validate);
}

async function validate(dir: string | undefined, flags: ValidateFlags, command: Command): Promise<void> {
  const context = contextFrom(command);
  const { checkConfiguration } = await import("../validate");
  const checked = checkConfiguration(context, dir, flags);
  if (!checked.valid) context.exitWith(EXIT.error);
  context.print(checked, () => text(checked, context));
}

function text(checked: CheckedConfiguration, { paint }: Context): string {
  const warnings = checked.notes.map(({ severity, object, text: words }) => {
    return `${severity === "warning" ? paint.yellow("warning:") : paint.dim("note:")} ${object}: ${words}`;
  });
  const problems = checked.problems.map((problem) => `${paint.red("error:")} ${problem.message}`);
  const services = checked.services.map(({ service, pattern, sinks, schemas, tables }) => {
    const counts = [counted(sinks, "sink"), counted(schemas, "schema"), counted(tables, "table")].join(", ");
    return `${paint.green("valid:")} service ${service} (${pattern}, ${checked.environment}): ${counts}`;
  });
  const verdict = checked.valid ? services : [`${counted(problems.length, "problem")} in ${checked.directory}`];
  return [...warnings, ...problems, ...verdict].join("\n");
}
