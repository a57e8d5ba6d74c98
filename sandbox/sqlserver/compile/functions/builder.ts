import { sqlError } from "../../errors";
import type { SqlType } from "../../values/sql-type";
import type { Value } from "../../values/value";
import type { Compiled } from "../compiled";
import type { Context } from "../context";
import { coerce } from "../operators";

/** Makes the call of a function ready to run. */
export type Build = (args: readonly Compiled[], context: Context) => Compiled;

/** A function: how many arguments it takes, and how it is built. */
export interface FunctionSpec {
  readonly min: number;
  readonly max: number;
  readonly build: Build;
}

/** Functions by upper-case name. */
export type FunctionTable = Readonly<Record<string, FunctionSpec>>;

type Work = (values: readonly Value[], context: Context) => Value;

/** Which type each argument is converted to; the last goes on for the rest, undefined leaves it. */
type Wanted = readonly (SqlType | undefined)[];

interface ScalarOptions {
  readonly min?: number;
  /** Called also when an argument is NULL. */
  readonly withNulls?: boolean;
  /** Not the same for each call in a statement. */
  readonly volatile?: boolean;
}

/** A function of values: NULL in, NULL out, unless said otherwise. */
export function scalar(
  wanted: Wanted,
  type: SqlType | ((args: readonly Compiled[]) => SqlType),
  work: Work,
  options: ScalarOptions = {},
): FunctionSpec {
  return {
    min: options.min ?? wanted.length,
    max: wanted.length,
    build: (args, context) => {
      const inputs = args.map((arg, i) => {
        const to = wanted[i];
        return to ? coerce(arg, to) : arg;
      });
      const constant = !options.volatile && inputs.every((input) => input.constant === true);
      return {
        type: typeof type === "function" ? type(inputs) : type,
        nullable: true,
        ...(constant && { constant }),
        run: (frame) => {
          const values = inputs.map((input) => input.run(frame));
          return !options.withNulls && values.includes(null) ? null : work(values, context);
        },
      };
    },
  };
}

/** A function without arguments that reads the session or the server. */
export function reading(type: SqlType, read: (context: Context) => Value): FunctionSpec {
  return {
    min: 0,
    max: 0,
    build: (_, context) => ({ type, nullable: true, constant: true, run: () => read(context) }),
  };
}

/** Throws 174 when the number of arguments is wrong. */
export function checkCount(name: string, spec: FunctionSpec, count: number): void {
  if (count < spec.min || count > spec.max) {
    throw sqlError(174, name.toLowerCase(), spec.min === spec.max ? spec.min : `${spec.min} to ${spec.max}`);
  }
}
