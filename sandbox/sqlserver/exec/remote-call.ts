import { SqlError, sqlError } from "../errors";
import { converterOf } from "../values/convert";
import { T } from "../values/sql-type";
import { as, type Value } from "../values/value";
import type { Variable } from "../compile/context";
import { parseName } from "../parse";
import type { Output, RpcCall, RpcParameter } from "../session";
import { Batch } from "./batch";
import { consequencesOf, Thrown } from "./failures";
import { bindParameters, execute, type Bound } from "./procedures";
import type { Argument } from "./procedure";
import type { SqlSession } from "./session";

/** A statement that was prepared: its text and the declarations of its parameters. */
export interface Prepared {
  readonly text: string;
  readonly declarations: string;
}

/** A procedure call that came as RPC: rows, return status, output parameters, and the end. */
export async function callProcedure(session: SqlSession, call: RpcCall, output: Output): Promise<void> {
  const batch = new Batch(session, output, "inProc");
  let status = 0;
  try {
    status = await dispatch(session, call, batch);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { endsTransaction } = consequencesOf(error, session.options.xactAbort);
    if (session.current && endsTransaction && !(error instanceof Thrown)) session.rollback(output, "");
    session.lastError = error.number;
    batch.failed = true;
    output.message(error);
    status = error.number;
  }
  if (session.cancelled) return;
  if (session.current?.doomed) {
    session.rollback(output, "");
    output.message(sqlError(3998));
  }
  output.returnStatus(status);
  for (const value of batch.returned) output.returnValue(value);
  output.done({ kind: "proc", command: 0xe0, ...(batch.failed && { failed: true }) });
}

async function dispatch(session: SqlSession, call: RpcCall, batch: Batch): Promise<number> {
  const { parameters } = call;
  switch (call.procedure.toLowerCase()) {
    case "sp_executesql":
      return run(batch, { text: textOf(parameters[0]), declarations: textOf(parameters[1]) }, parameters.slice(2), 2);
    case "sp_prepare":
      keep(batch, parameters);
      return 0;
    case "sp_prepexec": {
      const prepared = keep(batch, parameters);
      return run(batch, prepared, parameters.slice(3), 3);
    }
    case "sp_execute":
      return run(batch, find(session, parameters[0]), parameters.slice(1), 1);
    case "sp_unprepare":
      if (!session.prepared.delete(handleOf(parameters[0]))) throw sqlError(8179, handleOf(parameters[0]));
      return 0;
    default:
      return byName(call, batch);
  }
}

function textOf(parameter: RpcParameter | undefined): string {
  if (!parameter || parameter.value === null) return "";
  return as.text(converterOf(parameter.type, T.nvarcharMax)(parameter.value));
}

function handleOf(parameter: RpcParameter | undefined): number {
  return parameter?.value === null || parameter === undefined ? 0 : Number(parameter.value);
}

function find(session: SqlSession, parameter: RpcParameter | undefined): Prepared {
  const found = session.prepared.get(handleOf(parameter));
  if (!found) throw sqlError(8179, handleOf(parameter));
  return found;
}

/** Keeps the statement and tells its handle. */
function keep(batch: Batch, [handle, declarations, text]: readonly RpcParameter[]): Prepared {
  const prepared = { text: textOf(text), declarations: textOf(declarations) };
  const value: Value = batch.session.prepare(prepared);
  if (handle) batch.returned.push({ name: handle.name, ordinal: 0, type: T.int, value });
  return prepared;
}

async function run(
  batch: Batch,
  { text, declarations }: Prepared,
  given: readonly RpcParameter[],
  offset: number,
): Promise<number> {
  const bound = bindParameters(declarations, given.map(argumentOf));
  const inner = batch.nested(bound.scalars);
  await inner.runText(text);
  batch.failed ||= inner.failed;
  give(batch, bound, given, offset);
  return inner.returnStatus;
}

function argumentOf({ name, type, value, output, useDefault }: RpcParameter): Argument {
  return { name, type, value, isOutput: output, useDefault };
}

function give(batch: Batch, bound: Bound, given: readonly RpcParameter[], offset: number): void {
  for (const { name, variable } of bound.outputs) {
    const at = given.findIndex((parameter) => parameter.name.toLowerCase() === name.toLowerCase());
    const position = at < 0 ? [...bound.scalars.keys()].indexOf(name.toLowerCase()) : at;
    if (!given[position]?.output) continue;
    batch.returned.push({ name, ordinal: position + offset, type: variable.type, value: variable.value });
  }
}

async function byName(call: RpcCall, batch: Batch): Promise<number> {
  const targets = call.parameters.map(({ type, value }): Variable => ({ type, value }));
  const args = call.parameters.map((parameter, i): Argument => {
    const target = targets[i];
    return { ...argumentOf(parameter), ...(target && parameter.output && { target }) };
  });
  const status = await execute(parseName(call.procedure), args, batch);
  for (const [i, parameter] of call.parameters.entries()) {
    const target = targets[i];
    if (parameter.output && target)
      batch.returned.push({ name: parameter.name, ordinal: i, type: target.type, value: target.value });
  }
  return status;
}
