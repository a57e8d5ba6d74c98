import { SqlError, unsupported } from "../errors";
import { EMPTY_FRAME } from "../compile/compiled";
import { coerce } from "../compile/operators";
import { Scope } from "../compile/scope";
import type { StatementOf } from "../parse/ast";
import { familyOf, T } from "../values/sql-type";
import { plainText, type Value } from "../values/value";
import type { Batch } from "./batch";

/** RAISERROR: an error or a message with its placeholders filled. */
export async function raise(statement: StatementOf<"raiserror">, batch: Batch): Promise<void> {
  const [message, severity, state, ...rest] = await batch.evaluate((context) =>
    statement.arguments.map((expr): Value => {
      const compiled = context.compile.expression(expr, new Scope(), context);
      const isNumber = familyOf(compiled.type) === "integer";
      return (isNumber ? compiled : coerce(compiled, T.nvarcharMax)).run(EMPTY_FRAME);
    }),
  );
  if (typeof message === "number") throw unsupported("RAISERROR with a message number");
  const text = fill(plainText(message), rest);
  const error = new SqlError(50_000, Number(severity), Math.max(0, Number(state)), text);
  error.line = statement.line;
  if (error.severity > 10) throw error;
  batch.output.message(error);
}

/** `%s`, `%d`, `%i`, `%u`, `%x` with width and `%%`, as printf has them. */
function fill(text: string, values: readonly Value[]): string {
  let next = 0;
  return text.replace(
    /%(-)?(0)?(\d*)(?:I64)?([sdiuxXo%])/g,
    (_, left: string | undefined, zero: string | undefined, width: string, kind: string) => {
      if (kind === "%") return "%";
      const value = values[next++];
      const shown =
        value === null || value === undefined
          ? "(null)"
          : kind === "x"
            ? BigInt(value as number).toString(16)
            : plainText(value);
      return left ? shown.padEnd(Number(width)) : shown.padStart(Number(width), zero ? "0" : " ");
    },
  );
}
