import { sqlError } from "../errors";
import type { Expr, OrderItem, Window } from "../parse/ast";
import { isAggregate, makeAggregate, type Aggregate } from "./aggregates";
import type { Compiled } from "./compiled";
import type { Context } from "./context";
import { Scope } from "./scope";

/** A window function's call, to be computed once all rows are known. */
export interface WindowCall {
  readonly name: string;
  readonly arguments: readonly Compiled[];
  readonly aggregate: Aggregate | undefined;
  readonly partitionBy: readonly Compiled[];
  readonly orderBy: readonly { readonly value: Compiled; readonly descending: boolean }[];
}

/**
 * The scope of a select list. Where there are groups, an expression of GROUP BY is its value in the group, an
 * aggregate is its result, and any other column is an error.
 */
export class GroupScope extends Scope {
  readonly aggregates: Aggregate[] = [];
  readonly windows: WindowCall[] = [];
  private readonly keys: readonly string[];

  constructor(
    private readonly inner: Scope,
    private readonly groupBy: readonly { readonly expr: Expr; readonly value: Compiled }[],
    private readonly hasGroups: boolean,
  ) {
    super(inner.parent);
    this.sources.push(...inner.sources);
    this.keys = groupBy.map(({ expr }) => this.keyOf(expr));
  }

  /** What an expression is after grouping; undefined when it is compiled as anywhere. */
  grouped(expr: Expr, context: Context): Compiled | undefined {
    if (expr.kind === "call" && expr.over) return this.windowed(expr, expr.over, context);
    if (!this.hasGroups) return undefined;
    const key = expr.kind === "literal" || expr.kind === "variable" ? -1 : this.keys.indexOf(this.keyOf(expr));
    if (key >= 0) {
      const value = this.groupBy[key]?.value;
      if (value) return { type: value.type, nullable: value.nullable, run: (frame) => frame.groups?.[key] ?? null };
    }
    if (expr.kind === "call" && isAggregate(expr)) return this.aggregate(expr, context);
    if (expr.kind === "column" && this.isOwn(expr.name)) throw sqlError(8120, this.shown(expr.name));
    return undefined;
  }

  private aggregate(expr: Extract<Expr, { kind: "call" }>, context: Context): Compiled {
    const args = expr.arguments.map((argument) => context.compile.expression(argument, this.inner, context));
    const order = (expr.withinGroup ?? []).map((item) => this.ordered(item, this.inner, context));
    const aggregate = makeAggregate(expr, args, order);
    const index = this.aggregates.push(aggregate) - 1;
    return { type: aggregate.type, nullable: true, run: (frame) => frame.aggregates?.[index] ?? null };
  }

  private windowed(expr: Extract<Expr, { kind: "call" }>, over: Window, context: Context): Compiled {
    const scope: Scope = this.hasGroups ? this : this.inner;
    const args = expr.arguments.map((argument) => context.compile.expression(argument, scope, context));
    const aggregate = isAggregate(expr) ? makeAggregate(expr, args, []) : undefined;
    const index =
      this.windows.push({
        name: (expr.name[0] ?? "").toUpperCase(),
        arguments: args,
        aggregate,
        partitionBy: over.partitionBy.map((item) => context.compile.expression(item, scope, context)),
        orderBy: over.orderBy.map((item) => this.ordered(item, scope, context)),
      }) - 1;
    const type = aggregate?.type ?? windowType(expr, args);
    return { type, nullable: true, run: (frame) => frame.windows?.[index] ?? null };
  }

  private ordered(item: OrderItem, scope: Scope, context: Context) {
    return { value: context.compile.expression(item.expr, scope, context), descending: item.descending };
  }

  private isOwn(name: readonly string[]): boolean {
    try {
      return this.inner.resolve(name).field !== undefined;
    } catch {
      return false;
    }
  }

  private shown(name: readonly string[]): string {
    const { field } = this.inner.resolve(name);
    const source = this.sources.find(({ slot }) => slot === field?.slot);
    return [...(source?.names ?? []).slice(0, 2)]
      .reverse()
      .concat(name.at(-1) ?? "")
      .join(".");
  }

  /** A text that is equal for equal expressions, names resolved. */
  private keyOf(expr: Expr): string {
    return JSON.stringify(expr, (_, part: unknown) => {
      if (typeof part === "bigint") return `${part}n`;
      if (typeof part === "object" && part !== null && (part as Expr).kind === "column") {
        try {
          const { field } = this.inner.resolve((part as Extract<Expr, { kind: "column" }>).name);
          return field ? { slot: field.slot, ordinal: field.ordinal } : part;
        } catch {
          return part;
        }
      }
      return part;
    });
  }
}

function windowType(expr: Extract<Expr, { kind: "call" }>, args: readonly Compiled[]) {
  const name = (expr.name[0] ?? "").toUpperCase();
  if (["LAG", "LEAD", "FIRST_VALUE"].includes(name) && args[0]) return args[0].type;
  if (["ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE"].includes(name))
    return { name: "bigint", length: 0, precision: 0, scale: 0 } as const;
  throw sqlError(195, expr.name[0] ?? "");
}
