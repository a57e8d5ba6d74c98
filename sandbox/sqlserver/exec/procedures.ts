import { sqlError } from "../errors";
import { CDC_PROCEDURES } from "../cdc/procedures";
import { CATALOG_PROCEDURES } from "../catalog/procedures";
import { resolveType } from "../compile/types";
import { EMPTY_FRAME } from "../compile/compiled";
import type { Variable } from "../compile/context";
import { assignable } from "../compile/operators";
import { Scope } from "../compile/scope";
import { converterOf } from "../values/convert";
import { T, type SqlType } from "../values/sql-type";
import { as, type Values } from "../values/value";
import { parseParameters } from "../parse";
import type { Statement, StatementOf } from "../parse/ast";
import type { Output, RowPlan } from "../session";
import { APP_LOCK_PROCEDURES } from "./app-lock-procedures";
import { flattenerOf } from "../compile/select";
import type { Batch } from "./batch";
import { Arguments, type Argument, type Procedure } from "./procedure";
import { databaseOf } from "./make-context";

const PROCEDURES: Readonly<Record<string, Procedure>> = {
  ...CDC_PROCEDURES,
  ...CATALOG_PROCEDURES,
  ...APP_LOCK_PROCEDURES,
};

/** EXEC of a procedure. */
export async function runProcedure(statement: StatementOf<"exec">, batch: Batch): Promise<void> {
  const args = await batch.evaluate((context) =>
    statement.arguments.map(({ name, value, output }): Argument => {
      if (value === "default") return { name: name ?? "", type: T.int, value: null, useDefault: true };
      const compiled = context.compile.expression(value, new Scope(), context);
      const target = output && value.kind === "variable" ? context.variables.get(value.name.toLowerCase()) : undefined;
      return {
        name: name ?? "",
        type: compiled.type,
        value: compiled.run(EMPTY_FRAME),
        ...(target && { target }),
      };
    }),
  );
  const status = await execute(statement.procedure, args, batch);
  const into = statement.into === undefined ? undefined : batch.variables.scalars.get(statement.into.toLowerCase());
  if (statement.into !== undefined && !into) throw sqlError(137, statement.into);
  if (into) into.value = status;
}

/** Runs a procedure by name. Gives its return status. Throws 2812 when there is none. */
export async function execute(name: readonly string[], args: readonly Argument[], batch: Batch): Promise<number> {
  const word = (name.at(-1) ?? "").toLowerCase();
  if (word === "sp_executesql") return executeSql(args, batch);
  const procedure = PROCEDURES[word];
  const schema = (name.at(-2) ?? "").toLowerCase();
  if (!procedure || !["", "sys", "dbo"].includes(schema)) throw sqlError(2812, name.join("."));
  const database = databaseOf(name, batch.session);
  batch.session.procedureDepth++;
  try {
    return await procedure.run({ args: new Arguments(word, procedure.parameters, args), batch, database });
  } finally {
    batch.session.procedureDepth--;
  }
}

/** sp_executesql: a text with parameters. */
export async function executeSql(args: readonly Argument[], batch: Batch): Promise<number> {
  const [statement, declarations, ...given] = args;
  if (!statement) throw sqlError(201, "sp_executesql", "@statement");
  const text = as.text(converterOf(statement.type, T.nvarcharMax)(statement.value) ?? "");
  const declared = declarations?.value === null || !declarations ? "" : as.text(declarations.value);
  const variables = bindParameters(declared, given);
  await runDynamic(text, batch, variables.scalars);
  for (const { target, variable } of variables.outputs) if (target) target.value = variable.value;
  return 0;
}

/** Parameters of a text: their values, and those that go back. */
export interface Bound {
  readonly scalars: Map<string, Variable>;
  readonly outputs: readonly {
    readonly name: string;
    readonly variable: Variable;
    readonly target: Variable | undefined;
  }[];
}

/** Gives declared parameters the values that were passed. Throws 8178 for one that wasn't, 8144 and 8145. */
export function bindParameters(declarations: string, given: readonly Argument[]): Bound {
  const specs = parseParameters(declarations);
  const scalars = new Map<string, Variable>();
  const outputs: { name: string; variable: Variable; target: Variable | undefined }[] = [];
  if (given.length > specs.length) throw sqlError(8144, "");
  for (const extra of given) {
    if (extra.name !== "" && !specs.some(({ name }) => same(name, extra.name)))
      throw sqlError(8145, extra.name, "sp_executesql");
  }
  for (const [i, spec] of specs.entries()) {
    const named = given.find(({ name }) => same(name, spec.name));
    const positional = given[i]?.name === "" ? given[i] : undefined;
    const argument = named ?? positional;
    if (!argument && !spec.default) throw sqlError(8178, declarations, spec.name);
    const type = resolveType(spec.type);
    const variable = { type, value: argument ? valueFor(argument, type) : null };
    scalars.set(spec.name.toLowerCase(), variable);
    if (spec.output || argument?.isOutput) outputs.push({ name: spec.name, variable, target: argument?.target });
  }
  return { scalars, outputs };
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

function valueFor({ type: from, value }: Argument, type: SqlType) {
  if (value === null) return null;
  return assignable({ type: from, nullable: true, run: () => value }, type)(value);
}

/** Runs a text as a batch within the batch. */
export async function runDynamic(text: string, batch: Batch, scalars: Map<string, Variable>): Promise<void> {
  const inner = batch.nested(scalars);
  batch.session.procedureDepth++;
  try {
    await inner.runText(text);
  } finally {
    batch.session.procedureDepth--;
  }
}

/** Runs an EXEC and keeps its rows instead of sending them. */
export async function captureRows(statement: Statement, batch: Batch) {
  const rows: Values[] = [];
  let plan: RowPlan | undefined;
  const keep: Partial<Output> = {
    plan: (next) => (plan = next),
    row: (sources, computed) => {
      if (plan) rows.push(flattenerOf(plan)({ sources, computed }));
    },
    order: () => undefined,
    done: () => undefined,
    drained: () => undefined,
    message: (error) => {
      if (error.severity > 10) throw error;
      batch.output.message(error);
    },
  };
  const inner = batch.redirected({ ...silent(batch.output), ...keep });
  await inner.run(statement);
  const columns: RowPlan["columns"] = plan?.columns ?? [];
  return { sources: columns.map(({ type, nullable }) => ({ type, nullable, run: () => null })), rows };
}

function silent(output: Output): Output {
  return {
    plan: () => undefined,
    row: () => undefined,
    packed: () => undefined,
    order: () => undefined,
    done: () => undefined,
    message: () => undefined,
    drained: () => undefined,
    returnStatus: () => undefined,
    returnValue: () => undefined,
    environment: (change) => {
      output.environment(change);
    },
  };
}
