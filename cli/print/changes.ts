import { describeHazard } from "../../model/hazard";
import type { Change, Plan } from "../../sql/plan";
import { nounOf, objectOf, type ResourceEvent } from "./nouns";
import type { Paint } from "./paint";
import { propertyDiff, shortValue } from "./property-diff";
import { wholeText } from "./whole";

/** The statements and hazards of a change, as the sql room plans them: `planFor(type, before, after)`. */
export type Planner = (
  type: string,
  before: Readonly<Record<string, unknown>> | undefined,
  after: Readonly<Record<string, unknown>> | undefined,
) => Plan | undefined;

/** How to show a step. */
export interface ChangeStyle {
  readonly paint: Paint;
  readonly planner: Planner;
  /** Print the statements under each change. */
  readonly showSql: boolean;
  /** True once done: durations are worth showing. */
  readonly done: boolean;
  /** URNs of what stays in the database when it leaves the stack. */
  readonly kept?: ReadonlySet<string>;
}

/** Whether a step takes something out of the stack that stays in the database: retained, or somebody else's. */
export function isLeft({ operation, urn, oldProperties }: ResourceEvent, kept?: ReadonlySet<string>): boolean {
  return operation === "delete" && (kept?.has(urn) === true || oldProperties?.["targetExists"] === true);
}

const SYMBOLS: Readonly<Record<string, readonly [symbol: string, colour: "green" | "yellow" | "red" | "cyan"]>> = {
  create: ["+", "green"],
  "create-replacement": ["±", "yellow"],
  update: ["~", "yellow"],
  delete: ["-", "red"],
  import: ["=", "cyan"],
};

/**
 * The plan of a step; undefined for a step that changes nothing or that the sql room doesn't plan.
 * What is made or removed as a whole is planned only when its statements are wanted: rendering them takes time.
 */
export function planOfEvent(
  event: ResourceEvent,
  { planner, showSql }: Pick<ChangeStyle, "planner" | "showSql">,
): Plan | undefined {
  if (SYMBOLS[event.operation] === undefined || (isWhole(event) && !showSql)) return undefined;
  const before = event.operation === "create" ? undefined : event.oldProperties;
  const after = event.operation === "delete" ? undefined : event.newProperties;
  return planner(event.type, before, after);
}

/** A thing that is made or removed as a whole: one line says it all. */
function isWhole({ operation }: ResourceEvent): boolean {
  return operation === "create" || operation === "delete";
}

/** The lines that tell one step; none for a step that changes nothing. */
export function changeLines(event: ResourceEvent, style: ChangeStyle): string[] {
  const symbol = SYMBOLS[event.operation];
  const noun = nounOf(event.type);
  if (symbol === undefined || noun === undefined) return [];
  const name = `${noun.padEnd(17)} ${objectOf(event)}`;
  if (isLeft(event, style.kept)) return [style.paint.cyan(`= ${name}  stays as it is`)];
  const title = style.paint[symbol[1]](`${symbol[0]} ${name}`);
  const duration = style.done ? style.paint.dim(` ${String(Math.round(event.durationMs))} ms`) : "";
  const plan = planOfEvent(event, style);
  if (!isWhole(event)) return [`${title}${duration}`, ...detailLines(event, plan, style)];
  const whole = wholeText(event);
  const sql = (plan?.changes ?? []).flatMap((change) => change.sql).flatMap((text) => sqlLines(text, style.paint));
  return [`${title}${whole === "" ? "" : style.paint.dim(`  ${whole}`)}${duration}`, ...sql];
}

function detailLines(event: ResourceEvent, plan: Plan | undefined, style: ChangeStyle): string[] {
  const failures = (plan?.failures ?? []).map(
    ({ property, reason }) => `    ${style.paint.red("refused")} ${property}: ${reason}`,
  );
  if (plan !== undefined && plan.changes.length + failures.length > 0) {
    return [...failures, ...plan.changes.flatMap((change) => plannedLines(change, style))];
  }
  return event.operation === "update" ? plainDiff(event, style.paint) : [];
}

function plannedLines(change: Change, style: ChangeStyle): string[] {
  const { paint } = style;
  const colour = { info: paint.dim, warning: paint.yellow, breaking: paint.red }[change.severity];
  const hazard = describeHazard(change.hazard);
  const line = `    ${colour(change.kind)} ${change.summary}${hazard === "" ? "" : paint.dim(` [${hazard}]`)}`;
  return style.showSql ? [line, ...change.sql.flatMap((sql) => sqlLines(sql, paint))] : [line];
}

function sqlLines(sql: string, paint: Paint): string[] {
  return sql
    .trim()
    .split("\n")
    .map((line) => `      ${paint.cyan(line)}`);
}

function plainDiff(event: ResourceEvent, paint: Paint): string[] {
  return propertyDiff(event.oldProperties ?? {}, event.newProperties ?? {})
    .filter(({ path, after }) => after !== undefined || event.changed?.includes(path.split(".")[0] ?? path) === true)
    .map(({ path, before, after }) => {
      if (before === undefined) return `    ${paint.green("+")} ${path}: ${shortValue(after)}`;
      if (after === undefined) return `    ${paint.red("-")} ${path}: ${shortValue(before)}`;
      return `    ${paint.yellow("~")} ${path}: ${shortValue(before)} -> ${shortValue(after)}`;
    });
}
