import { sqlError } from "../errors";
import { comparerOf, hashOf } from "../values/compare";
import { collationOf } from "../values/collation";
import { nvarchar } from "../values/sql-type";
import { as, type Value } from "../values/value";
import type { Expr } from "../parse/ast";
import type { Condition, Frame } from "./compiled";
import type { Context } from "./context";
import { compileExpression } from "./expression";
import { likeMatcher } from "./like";
import { coerce, compare, reconcile } from "./operators";
import type { Scope } from "./scope";

/** Makes a condition ready to run. Throws 4145 for an expression that is none. */
export function compileCondition(expr: Expr, scope: Scope, context: Context): Condition {
  const part = (inner: Expr) => compileCondition(inner, scope, context);
  const value = (inner: Expr) => compileExpression(inner, scope, context);
  switch (expr.kind) {
    case "and":
      return both(part(expr.left), part(expr.right));
    case "or":
      return either(part(expr.left), part(expr.right));
    case "not":
      return negate(part(expr.operand));
    case "compare":
      return compare(expr.operator, value(expr.left), value(expr.right));
    case "isNull": {
      const { run } = value(expr.operand);
      return expr.negated ? (frame) => run(frame) !== null : (frame) => run(frame) === null;
    }
    case "between": {
      const operand = value(expr.operand);
      const inside = both(compare(">=", operand, value(expr.low)), compare("<=", operand, value(expr.high)));
      return expr.negated ? negate(inside) : inside;
    }
    case "like":
      return like(expr, scope, context);
    case "inList":
      return inList(expr, scope, context);
    case "inQuery":
      return inQuery(expr, scope, context);
    case "exists": {
      const query = context.compile.query(expr.query, scope, context);
      return (frame) => !query.rows({ rows: [], parent: frame })[Symbol.iterator]().next().done;
    }
    default:
      throw sqlError(4145, "the condition");
  }
}

function negate(condition: Condition): Condition {
  return (frame) => {
    const result = condition(frame);
    return result === null ? null : !result;
  };
}

function both(left: Condition, right: Condition): Condition {
  return (frame) => {
    const a = left(frame);
    if (a === false) return false;
    const b = right(frame);
    return b === false ? false : a === null || b === null ? null : true;
  };
}

function either(left: Condition, right: Condition): Condition {
  return (frame) => {
    const a = left(frame);
    if (a === true) return true;
    const b = right(frame);
    return b === true ? true : a === null || b === null ? null : false;
  };
}

function like(expr: Extract<Expr, { kind: "like" }>, scope: Scope, context: Context): Condition {
  const [operand, pattern] = [
    compileExpression(expr.operand, scope, context),
    compileExpression(expr.pattern, scope, context),
  ];
  const escape = expr.escape && compileExpression(expr.escape, scope, context);
  const [a, b] = reconcile(coerceText(operand), coerceText(pattern), "like");
  const collation = collationOf(a.type.collation);
  let known: { pattern: string; escape: string; matches: (text: string) => boolean } | undefined;
  const matched: Condition = (frame) => {
    const [text, wanted] = [a.run(frame), b.run(frame)];
    const escaping = escape ? escape.run(frame) : "";
    if (text === null || wanted === null || escaping === null) return null;
    if (known?.pattern !== wanted || known.escape !== escaping) {
      known = {
        pattern: as.text(wanted),
        escape: as.text(escaping),
        matches: likeMatcher(as.text(wanted), as.text(escaping), collation),
      };
    }
    return known.matches(as.text(text));
  };
  return expr.negated ? negate(matched) : matched;
}

function coerceText(operand: ReturnType<typeof compileExpression>) {
  return operand.type.name.endsWith("char") || operand.type.name.endsWith("text")
    ? operand
    : coerce(operand, nvarchar(4000));
}

function inList(expr: Extract<Expr, { kind: "inList" }>, scope: Scope, context: Context): Condition {
  const operand = compileExpression(expr.operand, scope, context);
  const tests = expr.list.map((item) => compare("=", operand, compileExpression(item, scope, context)));
  const found = tests.reduce((left, right) => either(left, right));
  return expr.negated ? negate(found) : found;
}

/** A query that doesn't look outside is read once. */
function inQuery(expr: Extract<Expr, { kind: "inQuery" }>, scope: Scope, context: Context): Condition {
  const operand = compileExpression(expr.operand, scope, context);
  const query = context.compile.query(expr.query, scope, context);
  const [column] = query.columns;
  if (!column || query.columns.length > 1) throw sqlError(116);
  let current: Value = null;
  const inner = { type: column.type, nullable: true, run: () => current };
  const [a, b, type] = reconcile(operand, inner, "equal to");
  const [order, hash] = [comparerOf(type), hashOf(type)];
  const read = (frame: Frame) => {
    const values: Value[] = [];
    for (const row of query.rows({ rows: [], parent: frame })) {
      current = query.flatten(row)[0] ?? null;
      values.push(b.run(frame));
    }
    return {
      values,
      keys: new Set(values.filter((value) => value !== null).map(hash)),
      hasNull: values.includes(null),
    };
  };
  const found: Condition = (frame) => {
    const wanted = a.run(frame);
    const { values, keys, hasNull } = read(frame);
    if (values.length === 0) return false;
    if (wanted === null) return null;
    const hit = keys.has(hash(wanted)) && values.some((value) => value !== null && order(value, wanted) === 0);
    return hit ? true : hasNull ? null : false;
  };
  return expr.negated ? negate(found) : found;
}
