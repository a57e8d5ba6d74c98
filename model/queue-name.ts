import { nearestWord } from "./nearest-word";

/** What a queue is named after. */
export interface QueuedTable {
  readonly table: string;
  readonly schema?: string;
  readonly database?: string;
  readonly tenant?: string;
}

/** Queues are named after their tables. */
export const DEFAULT_QUEUE_TEMPLATE = "{TableName}_cdc_events";

/** A name, or why there is none. */
export type QueueAnswer = { readonly name: string } | { readonly fault: string };

const PROPERTY = { TableName: "table", Schema: "schema", Database: "database", Tenant: "tenant" } as const;
const PLACEHOLDER = /\{([^{}]*)\}/g;
/** Service Bus keeps 260 characters, and compares names without regard to case. */
const MAX_LENGTH = 260;
const ALLOWED = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/;
const FORBIDDEN = /[^A-Za-z0-9._-]+/g;

/** Why a text can't be a template of names; undefined when it can. */
export function templateFault(template: string): string | undefined {
  for (const word of placeholdersOf(template)) {
    if (Object.hasOwn(PROPERTY, word)) continue;
    const nearest = nearestWord(word, Object.keys(PROPERTY));
    const known = nearest === undefined ? "{TableName}, {Schema}, {Database} and {Tenant} are" : `{${nearest}} is`;
    return `the queue template ${template} names {${word}}; ${known} known`;
  }
  const stray = template.replace(PLACEHOLDER, "").search(/[{}]/);
  return stray < 0 ? undefined : `the queue template ${template} has a brace without its other half`;
}

/** Words in braces, such as `TableName`. */
export function placeholdersOf(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, word = ""]) => word);
}

/** Why a text can't be the name of a queue; undefined when it can. */
export function queueNameFault(name: string): string | undefined {
  if (name === "") return "the name of a queue is empty";
  if (name.length > MAX_LENGTH)
    return `the queue ${name.slice(0, 60)}… would have ${String(name.length)} characters; Service Bus keeps ${String(MAX_LENGTH)}`;
  if (ALLOWED.test(name)) return undefined;
  return `${name} can't be the name of a queue: letters, digits, . - _ and / are allowed, with a letter or digit at both ends`;
}

/**
 * Name of a table's queue. What Service Bus doesn't allow in a name becomes `_`; so different tables may get one name,
 * which {@link ./queue-names.QueueNames} finds out.
 */
export function queueName(template: string, table: QueuedTable): QueueAnswer {
  const missing = placeholdersOf(template).find((word) => valueOf(table, word) === undefined);
  if (missing !== undefined)
    return { fault: `the queue template ${template} asks for {${missing}}, which isn't known` };
  const filled = template.replace(PLACEHOLDER, (_, word: string) =>
    (valueOf(table, word) ?? "").replace(FORBIDDEN, "_"),
  );
  const name = filled.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
  const fault = queueNameFault(name);
  return fault === undefined ? { name } : { fault };
}

/** The value that a template puts in for a word; undefined when the table has none. */
export function valueOf(table: QueuedTable, word: string): string | undefined {
  const value = Object.hasOwn(PROPERTY, word) ? table[PROPERTY[word as keyof typeof PROPERTY]] : undefined;
  return value === "" ? undefined : value;
}
