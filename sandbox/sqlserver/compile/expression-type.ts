import { T, type SqlType } from "../values/sql-type";
import { commonType } from "../values/type-rules";
import type { Compiled } from "./compiled";

/** The type of several expressions that stand for one another. */
export function unionType(operands: readonly Compiled[]): SqlType {
  const typed = operands.filter(({ isNull }) => !isNull);
  return typed.map(({ type }) => type).reduce(commonType, typed[0]?.type ?? T.int);
}
