import type { Command } from "commander";
import { contextFrom, type Context } from "../context";
import { EXIT } from "../exit-code";
import { counted } from "../print/nouns";
import { resolve } from "node:path";
import type { CheckedTasks } from "../validate-tasks";
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
        "The nearest tasks.yaml or dstream.hcl is checked as well, with the schemas of the providers that are here; -c\n" +
        "checks the tasks of one file alone.\n" +
        "Exit codes: 0 it can be deployed, 2 it has problems.",
    )
    .argument("[dir]", "folder of source-groups.yaml")
    .option("-c, --config <file>", "only this file of tasks")
    .option("--service <name>", "only this service")
    .option("--environment <name>", "environment whose databases are meant")
    .option("--strict", "warnings of the pattern's rules count as problems")
    .action(validate);
}

async function validate(
  dir: string | undefined,
  flags: ValidateFlags & { config?: string },
  command: Command,
): Promise<void> {
  const context = contextFrom(command);
  const { checkTasks } = await import("../validate-tasks");
  const tasks = await checkTasks(context, resolve(context.directory, dir ?? "."), flags.config);
  const configuration = flags.config === undefined ? await checkServices(context, dir, flags, tasks) : {};
  const valid = configuration.valid !== false && tasks.every(({ problems }) => problems.length === 0);
  if (!valid) context.exitWith(EXIT.error);
  const checked = { ...configuration, valid, ...(tasks.length === 0 ? {} : { tasks }) };
  context.print(checked, () => [...servicesText(configuration, context), ...tasksText(tasks, context)].join("\n"));
}

/** The YAML of services; nothing where there is none but tasks. */
async function checkServices(
  context: Context,
  dir: string | undefined,
  flags: ValidateFlags,
  tasks: readonly CheckedTasks[],
): Promise<Partial<CheckedConfiguration>> {
  const { checkConfiguration } = await import("../validate");
  const { hasServices } = await import("../validate-tasks");
  const checked = checkConfiguration(context, dir, flags);
  return tasks.length > 0 && !hasServices(checked.directory) ? {} : checked;
}

function servicesText(checked: Partial<CheckedConfiguration>, context: Context): string[] {
  return isChecked(checked) ? [text(checked, context)] : [];
}

function isChecked(checked: Partial<CheckedConfiguration>): checked is CheckedConfiguration {
  return checked.valid !== undefined;
}

function tasksText(files: readonly CheckedTasks[], { paint }: Context): string[] {
  return files.flatMap(({ file, tasks, problems, warnings }) => [
    ...warnings.map(({ message }) => `${paint.yellow("warning:")} ${message}`),
    ...problems.map(({ message }) => `${paint.red("error:")} ${message}`),
    problems.length === 0
      ? `${paint.green("valid:")} ${counted(tasks.length, "task")} in ${file}`
      : `${counted(problems.length, "problem")} in ${file}`,
  ]);
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
