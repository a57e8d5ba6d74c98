import { sqlError } from "../errors";
import type { Variable } from "../compile/context";
import { plainPlan } from "../compile/row-plan";
import { converterOf } from "../values/convert";
import { T, type SqlType } from "../values/sql-type";
import { as, type Value, type Values } from "../values/value";
import type { ResultColumn } from "../session";
import type { Database } from "../storage/database";
import type { Batch } from "./batch";

/** What a call passes for a parameter. */
export interface Argument {
  /** With its `@`; empty when by position. */
  readonly name: string;
  readonly type: SqlType;
  readonly value: Value;
  readonly useDefault?: boolean;
  readonly isOutput?: boolean;
  /** Where an output parameter's value goes. */
  readonly target?: Variable;
}

/** The arguments of a call, by the names of the procedure's parameters. */
export class Arguments {
  private readonly byName = new Map<string, Argument>();

  constructor(
    readonly procedure: string,
    parameters: readonly string[],
    given: readonly Argument[],
  ) {
    for (const [i, argument] of given.entries()) {
      const name = argument.name === "" ? parameters[i] : argument.name.toLowerCase();
      if (name === undefined) throw sqlError(8144, procedure);
      if (!parameters.includes(name)) throw sqlError(8145, argument.name, procedure);
      if (!argument.useDefault) this.byName.set(name, argument);
    }
  }

  /** True when the call says something for it, NULL too. */
  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** The value in a type; NULL when absent. */
  as(name: string, type: SqlType): Value {
    const argument = this.byName.get(name);
    if (!argument || argument.value === null) return null;
    return converterOf(argument.type, type)(argument.value);
  }

  text(name: string): string | null {
    const value = this.as(name, T.nvarcharMax);
    return value === null ? null : as.text(value);
  }

  int(name: string): number | null {
    const value = this.as(name, T.int);
    return value === null ? null : as.number(value);
  }

  /** A text that must be given. Throws 201. */
  required(name: string): string {
    const text = this.text(name);
    if (!this.has(name)) throw sqlError(201, this.procedure, name);
    return text ?? "";
  }

  /** Puts a value into an output parameter. */
  give(name: string, value: Value, type: SqlType): void {
    const target = this.byName.get(name)?.target;
    if (target) target.value = value === null ? null : converterOf(type, target.type)(value);
  }
}

/** A call under way. */
export interface Call {
  readonly args: Arguments;
  readonly batch: Batch;
  /** The database that the procedure is called in. */
  readonly database: Database;
}

/** A procedure of the server. */
export interface Procedure {
  /** Names of the parameters in order, lower case, with `@`. */
  readonly parameters: readonly string[];
  /** Runs it; gives the return status. */
  run(call: Call): Promise<number> | number;
}

/** Sends a result of plain rows. */
export function sendRows(batch: Batch, columns: readonly ResultColumn[], rows: readonly Values[]): void {
  batch.output.plan(plainPlan(columns));
  for (const row of rows) batch.output.row([], row);
  batch.done(0xc1, rows.length);
}
