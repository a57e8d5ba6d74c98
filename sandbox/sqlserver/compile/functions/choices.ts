import { plainText } from "../../values/value";
import { sqlError } from "../../errors";
import { comparerOf } from "../../values/compare";
import { T, typeOf } from "../../values/sql-type";

import { unionType } from "../expression-type";
import { coerce, reconcile } from "../operators";
import type { FunctionSpec, FunctionTable } from "./builder";

/** The value, or another when it is NULL; of the first one's type. */
const isNull: FunctionSpec = {
  min: 2,
  max: 2,
  build: ([first, second]) => {
    if (!first || !second) throw new Error("no argument");
    const type = first.isNull ? second.type : first.type;
    const [a, b] = [coerce(first, type), coerce(second, type)];
    return {
      type,
      nullable: second.nullable,
      ...(a.constant && b.constant && { constant: true }),
      run: (frame) => a.run(frame) ?? b.run(frame),
    };
  },
};

const coalesce: FunctionSpec = {
  min: 2,
  max: 254,
  build: (args) => {
    if (args.every((arg) => arg.isNull)) throw sqlError(4127);
    const type = unionType(args);
    const inputs = args.map((arg) => coerce(arg, type));
    return {
      type,
      nullable: inputs.every(({ nullable }) => nullable),
      ...(inputs.every(({ constant }) => constant) && { constant: true }),
      run: (frame) => {
        for (const input of inputs) {
          const value = input.run(frame);
          if (value !== null) return value;
        }
        return null;
      },
    };
  },
};

const nullIf: FunctionSpec = {
  min: 2,
  max: 2,
  build: ([first, second]) => {
    if (!first || !second) throw new Error("no argument");
    const [a, b, type] = reconcile(first, second, "equal to");
    const order = comparerOf(type);
    return {
      type: first.type,
      nullable: true,
      run: (frame) => {
        const [x, y] = [a.run(frame), b.run(frame)];
        return x !== null && y !== null && order(x, y) === 0 ? null : first.run(frame);
      },
    };
  },
};

const choose: FunctionSpec = {
  min: 2,
  max: 254,
  build: ([index, ...rest]) => {
    if (!index) throw new Error("no argument");
    const type = unionType(rest);
    const [at, options] = [coerce(index, T.int), rest.map((option) => coerce(option, type))];
    return { type, nullable: true, run: (frame) => options[Number(at.run(frame)) - 1]?.run(frame) ?? null };
  },
};

const variantProperty: FunctionSpec = {
  min: 2,
  max: 2,
  build: ([operand, property]) => {
    if (!operand || !property) throw new Error("no argument");
    const source = coerce(operand, T.variant);
    return {
      type: T.variant,
      nullable: true,
      run: (frame) => {
        const [value, name] = [source.run(frame), property.run(frame)];
        if (value === null || typeof value !== "object" || !("base" in value)) return null;
        const { base } = value;
        const properties = {
          basetype: base.name,
          precision: base.precision,
          scale: base.scale,
          maxlength: base.length,
        };
        const found = properties[plainText(name).toLowerCase() as "basetype"] as string | number | undefined;
        if (found === undefined) return null;
        return { base: typeof found === "string" ? typeOf("nvarchar", 128) : T.int, value: found };
      },
    };
  },
};

/** Functions that choose among their arguments. */
export const CHOICE_FUNCTIONS: FunctionTable = {
  ISNULL: isNull,
  COALESCE: coalesce,
  NULLIF: nullIf,
  CHOOSE: choose,
  SQL_VARIANT_PROPERTY: variantProperty,
};
