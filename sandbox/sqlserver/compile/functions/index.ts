import { sqlError, unsupported } from "../../errors";
import { CDC_FUNCTIONS } from "../../cdc/functions";
import type { Expr } from "../../parse/ast";
import { isAggregate } from "../aggregates";
import type { Compiled } from "../compiled";
import type { Context } from "../context";
import { functionOfPart, MOMENT_FUNCTIONS } from "./moments";
import type { Scope } from "../scope";
import { checkCount, type FunctionTable } from "./builder";
import { APP_LOCK_FUNCTIONS } from "./app-locks";
import { CHOICE_FUNCTIONS } from "./choices";
import { METADATA_FUNCTIONS } from "./metadata";
import { NUMBER_FUNCTIONS } from "./numbers";
import { TEXT_FUNCTIONS } from "./text";

const FUNCTIONS: FunctionTable = {
  ...TEXT_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...MOMENT_FUNCTIONS,
  ...CHOICE_FUNCTIONS,
  ...METADATA_FUNCTIONS,
  ...APP_LOCK_FUNCTIONS,
};

/** Functions that SQL Server has and the stand-in hasn't. */
const UNWRITTEN = new Set(
  (
    "CHECKSUM BINARY_CHECKSUM FORMAT FORMATMESSAGE SOUNDEX DIFFERENCE STR TRANSLATE STRING_ESCAPE SIN COS TAN ASIN ACOS " +
    "ATAN ATN2 COT DEGREES RADIANS JSON_VALUE JSON_QUERY JSON_MODIFY ISJSON OPENJSON SESSION_CONTEXT GROUPING " +
    "GROUPING_ID CERT_ID ENCRYPTBYKEY COMPRESS DECOMPRESS GREATEST LEAST DATETRUNC DATE_BUCKET PERCENT_RANK CUME_DIST " +
    "TIMEFROMPARTS SMALLDATETIMEFROMPARTS DATETIMEOFFSETFROMPARTS STATS_DATE INDEXPROPERTY INDEX_COL OBJECT_DEFINITION"
  ).split(" "),
);

/** Makes a function call ready to run. Throws 195, 174 or "unsupported". */
export function compileCall(call: Extract<Expr, { kind: "call" }>, scope: Scope, context: Context): Compiled {
  const name = (call.name.at(-1) ?? "").toUpperCase();
  if (isAggregate(call)) throw sqlError(147);
  if (call.name.length > 1) return compileQualified(call, name, scope, context);
  if (name === "IIF") return iif(call, scope, context);
  const [first, ...others] = call.arguments;
  const ofPart = functionOfPart(name, first?.kind === "column" ? first.name : []);
  const spec = ofPart ?? (Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined);
  if (!spec) throw UNWRITTEN.has(name) ? unsupported(`the function ${name}`) : sqlError(195, call.name[0] ?? "");
  const args = (ofPart ? others : call.arguments).map((arg) => context.compile.expression(arg, scope, context));
  checkCount(name, spec, args.length);
  return spec.build(args, context);
}

function compileQualified(
  call: Extract<Expr, { kind: "call" }>,
  name: string,
  scope: Scope,
  context: Context,
): Compiled {
  const spec = (call.name.at(-2) ?? "").toLowerCase() === "sys" ? CDC_FUNCTIONS[name] : undefined;
  if (!spec) throw sqlError(4121, call.name[0] ?? "", call.name.join("."));
  const args = call.arguments.map((arg) => context.compile.expression(arg, scope, context));
  if (args.length < spec.min) throw sqlError(313, call.name.join("."));
  if (args.length > spec.max) throw sqlError(8144, call.name.join("."));
  const database = call.name.length > 2 ? context.instance.database(call.name[0] ?? "") : context.database;
  if (!database) throw sqlError(911, call.name[0] ?? "");
  return spec.build(args, { ...context, database });
}

function iif(call: Extract<Expr, { kind: "call" }>, scope: Scope, context: Context): Compiled {
  const [when, then, otherwise] = call.arguments;
  if (!when || !then || !otherwise) throw sqlError(174, "iif", 3);
  return context.compile.expression({ kind: "case", branches: [{ when, then }], otherwise }, scope, context);
}
