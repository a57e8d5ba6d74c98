import { sqlError, unsupported } from "../errors";

import { converterOf } from "../values/convert";
import { familyOf, isMax, typeOf } from "../values/sql-type";
import { as } from "../values/value";
import type { Expr } from "../parse/ast";
import type { Compiled } from "./compiled";
import type { Context } from "./context";
import { unionType } from "./expression-type";
import { globalVariable } from "./globals";
import { compileCall } from "./functions";
import { binary, coerce, mapped, unary } from "./operators";
import type { GroupScope } from "./group-scope";
import type { Scope } from "./scope";

/** Makes an expression ready to run. Throws when names or types don't fit. */
export function compileExpression(expr: Expr, scope: Scope, context: Context): Compiled {
  const grouped = (scope as Partial<GroupScope>).grouped?.(expr, context);
  if (grouped) return grouped;
  switch (expr.kind) {
    case "literal":
      return {
        type: expr.type,
        nullable: expr.value === null,
        run: () => expr.value,
        constant: true,
        ...(expr.value === null && { isNull: true }),
        ...(expr.type.name === "int" && { digits: as.number(expr.value).toString().length }),
      };
    case "column":
      return scope.resolve(expr.name);
    case "variable":
      return variable(expr.name, context);
    case "unary":
      return unary(expr.operator, compileExpression(expr.operand, scope, context));
    case "binary":
      return binary(
        expr.operator,
        compileExpression(expr.left, scope, context),
        compileExpression(expr.right, scope, context),
      );
    case "call":
      return compileCall(expr, scope, context);
    default:
      return compileRest(expr, scope, context);
  }
}

function compileRest(expr: Expr, scope: Scope, context: Context): Compiled {
  switch (expr.kind) {
    case "case":
      return caseOf(expr, scope, context);
    case "cast":
      return cast(expr, scope, context);
    case "subquery":
      return scalar(expr, scope, context);
    case "collate": {
      const operand = compileExpression(expr.operand, scope, context);
      if (familyOf(operand.type) !== "text") throw sqlError(447, operand.type.name);
      return { ...mapped(operand, (value) => value, { ...operand.type, collation: expr.collation }), collated: true };
    }
    case "atTimeZone":
      return atTimeZone(expr, scope, context);
    default:
      // A condition where a value is wanted.
      throw sqlError(102, expr.kind === "compare" ? expr.operator : expr.kind.toUpperCase());
  }
}

function variable(name: string, context: Context): Compiled {
  if (name.startsWith("@@")) return globalVariable(name, context);
  const found = context.variables.get(name.toLowerCase());
  if (!found) throw sqlError(137, name);
  return { type: found.type, nullable: true, run: () => found.value, constant: true };
}

function caseOf(expr: Extract<Expr, { kind: "case" }>, scope: Scope, context: Context): Compiled {
  const results = expr.branches.map(({ then }) => compileExpression(then, scope, context));
  const otherwise = expr.otherwise && compileExpression(expr.otherwise, scope, context);
  const all = otherwise ? [...results, otherwise] : results;
  const type = unionType(all);
  const values = results.map((result) => coerce(result, type));
  const last = otherwise && coerce(otherwise, type);
  const conditions = expr.branches.map(({ when }) =>
    context.compile.condition(
      expr.operand ? { kind: "compare", operator: "=", left: expr.operand, right: when } : when,
      scope,
      context,
    ),
  );
  return {
    type,
    nullable: !last || all.some(({ nullable }) => nullable),
    run: (frame) => {
      const hit = conditions.findIndex((condition) => condition(frame) === true);
      return hit < 0 ? (last?.run(frame) ?? null) : (values[hit]?.run(frame) ?? null);
    },
  };
}

function cast(expr: Extract<Expr, { kind: "cast" }>, scope: Scope, context: Context): Compiled {
  const operand = compileExpression(expr.operand, scope, context);
  const type = withCastLength(context.compile.type(expr.type), expr.type.arguments.length > 0);
  const style = expr.style
    ? Number(compileExpression(expr.style, scope, context).run({ rows: [], parent: undefined }))
    : 0;
  if (operand.isNull) return { ...operand, type, isNull: false };
  const convert = converterOf(operand.type, type, style);
  if (!expr.optional) return { ...mapped(operand, convert, type), nullable: operand.nullable };
  const attempt = mapped(
    operand,
    (value) => {
      try {
        return convert(value);
      } catch {
        return null;
      }
    },
    type,
  );
  return { ...attempt, nullable: true };
}

/** CAST AS varchar means 30 characters, where a declaration means one. */
function withCastLength(type: ReturnType<typeof typeOf>, explicit: boolean) {
  return !explicit && type.length === 1 && !isMax(type) ? { ...type, length: 30 } : type;
}

function scalar(expr: Extract<Expr, { kind: "subquery" }>, scope: Scope, context: Context): Compiled {
  const query = context.compile.query(expr.query, scope, context);
  const [column] = query.columns;
  if (!column || query.columns.length > 1) throw sqlError(116);
  return {
    type: column.type,
    nullable: true,
    run: (frame) => {
      const rows = query.rows({ rows: [], parent: frame })[Symbol.iterator]();
      const first = rows.next();
      if (first.done) return null;
      const value = query.flatten(first.value)[0] ?? null;
      if (!rows.next().done) throw sqlError(512);
      return value;
    },
  };
}

function atTimeZone(expr: Extract<Expr, { kind: "atTimeZone" }>, scope: Scope, context: Context): Compiled {
  const operand = compileExpression(expr.operand, scope, context);
  const zone = compileExpression(expr.zone, scope, context);
  const name = zone.constant ? zone.run({ rows: [], parent: undefined }) : undefined;
  if (name !== "UTC") throw unsupported("AT TIME ZONE with another zone than 'UTC'");
  if (operand.type.name === "datetimeoffset") {
    return mapped(operand, (value) => ({ ticks: as.moment(value).ticks, offset: 0 }));
  }
  return coerce(
    operand,
    typeOf("datetimeoffset", 0, 0, operand.type.scale || (operand.type.name === "datetime" ? 3 : 0)),
  );
}
