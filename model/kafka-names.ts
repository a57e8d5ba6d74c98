import { hashText } from "./identifier";

/** What the name of a topic or consumer group is made of. */
export interface NameParts {
  readonly env: string;
  /** Source group. */
  readonly group: string;
  readonly service: string;
  /** Customer in db-per-tenant, else the service. */
  readonly customer: string;
  readonly sink: string;
  /** Of the source. */
  readonly schema: string;
  readonly table: string;
}

/** Longest name that Kafka takes. */
export const MAX_TOPIC_LENGTH = 249;

/** Templates where the configuration has none. A fixed number of parts, none with a dot, so names can't meet. */
export const TOPIC_TEMPLATES = {
  "db-per-tenant": "{env}.{service}.{customer}.{schema}.{table}",
  "db-shared": "{env}.{service}.{schema}.{table}",
} as const;
export const GROUP_TEMPLATES = {
  "db-per-tenant": "{env}.{service}.{sink}.{customer}",
  "db-shared": "{env}.{service}.{sink}",
} as const;

const TOPIC_PARTS = ["env", "group", "service", "customer", "schema", "table"];
const GROUP_PARTS = ["env", "group", "service", "customer", "sink"];
const PART = /\{([^{}]*)\}/g;

/** Why a topic template is none; undefined when it is one. Debezium's own names end in schema and table, so ours must. */
export function topicTemplateFault(template: string): string | undefined {
  const fault = templateFault(template, TOPIC_PARTS);
  if (fault !== undefined) return fault;
  return template.endsWith(".{schema}.{table}") ? undefined : "must end in .{schema}.{table}";
}

/** Why a template of consumer groups is none. */
export function groupTemplateFault(template: string): string | undefined {
  return templateFault(template, GROUP_PARTS);
}

/** A name from a template: characters that Kafka doesn't take, and dots inside a part, are written `_xHH` per byte. */
export function kafkaName(template: string, parts: Partial<NameParts>): string {
  const name = template.replace(PART, (_match, part: string) => partOf(part, parts));
  if (name.length <= MAX_TOPIC_LENGTH) return name;
  return `${name.slice(0, MAX_TOPIC_LENGTH - 11)}_${hashText(name)}`;
}

/** A sink is named with a dot, `main.clinic`; as the only such part of a name it keeps it. */
function partOf(name: string, parts: Partial<NameParts>): string {
  const text = parts[name as keyof NameParts] ?? "";
  return name === "sink" ? text.split(".").map(encodePart).join(".") : encodePart(text);
}

/** A text as one part of a name: reversible, so different texts stay different. */
export function encodePart(text: string): string {
  const marked = text.replace(/_(?=x[0-9A-F]{2})/g, "_x5F");
  return marked.replace(/[^A-Za-z0-9_-]/gu, (character) =>
    utf8Bytes(character)
      .map((byte) => `_x${hex(byte)}`)
      .join(""),
  );
}

function templateFault(template: string, known: readonly string[]): string | undefined {
  const unknown = [...template.matchAll(PART)].map(([, part]) => part ?? "").find((part) => !known.includes(part));
  if (unknown !== undefined) return `has {${unknown}}; known are ${known.map((part) => `{${part}}`).join(", ")}`;
  const literal = template.replace(PART, "");
  return /^[A-Za-z0-9._-]*$/.test(literal) ? undefined : "has characters that Kafka does not take in names";
}

function utf8Bytes(character: string): number[] {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return [code];
  const escapes = encodeURIComponent(character).slice(1).split("%");
  return escapes.map((digits) => Number.parseInt(digits, 16));
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
