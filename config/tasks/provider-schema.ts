import { createRequire } from "node:module";
import type { ValidateFunction } from "ajv";
import { CdcError } from "../../lib/errors";
import type { ProviderRole } from "../../model/built-in-providers";
import type { ConfigProblem } from "../config-error";
import { faultsFound } from "../schema-check";
import type { OpenedTaskFile } from "./open-task-file";
import type { Task } from "./task-file";
import { TaskProblems } from "./task-problems";

/** A provider's JSON Schema for its configuration, and whose it is. */
export interface ProviderSchema {
  /** As messages name it: a name, or the path of a provider.json. */
  readonly origin: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/**
 * What the provider's own schema has against the configuration that a task gives it.
 * Throws CdcError (CDC_PROVIDER_SCHEMA) when the schema itself is wrong.
 */
export function providerConfigProblems(
  { document }: OpenedTaskFile,
  task: Task,
  role: ProviderRole,
  schema: ProviderSchema,
  unset: readonly (readonly (string | number)[])[] = [],
): readonly ConfigProblem[] {
  const problems = new TaskProblems(document);
  problems.hide(task[role].secrets);
  const at = ["tasks", task.name, role, "config"];
  const known = new Set(unset.map((path) => JSON.stringify(path)));
  for (const { path, text, hint } of faultsFound(compiled(schema), task[role].config)) {
    const whole = [...at, ...path];
    if (!known.has(JSON.stringify(whole))) problems.report(whole, text, hint);
  }
  return problems.found;
}

function compiled({ schema, origin }: ProviderSchema): ValidateFunction {
  const { $schema: dialect, ...rules } = schema;
  try {
    return openAjv(typeof dialect === "string" ? dialect : "").compile(rules);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CdcError("CDC_PROVIDER_SCHEMA", `the configuration schema of ${origin} is wrong: ${reason}`, {
      hint: "Its author must mend it; see docs/tasks.md.",
      cause,
    });
  }
}

/** Not strict: the schema is somebody else's. Formats are words for people. */
function openAjv(dialect: string): Pick<import("ajv").default, "compile"> {
  const require = createRequire(__filename);
  const options = { allErrors: true, verbose: true, strict: false, validateFormats: false };
  if (!/2019-09|2020-12/.test(dialect)) {
    const { default: Ajv } = require("ajv") as typeof import("ajv");
    return new Ajv(options);
  }
  const { default: Ajv2020 } = require("ajv/dist/2020") as typeof import("ajv/dist/2020");
  return new Ajv2020(options);
}
