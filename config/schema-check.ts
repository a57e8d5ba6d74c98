import { createRequire } from "node:module";
import type { ErrorObject, ValidateFunction } from "ajv";
import { nearestWord } from "../model/nearest-word";
import columnTemplates from "./schemas/column-templates.schema.json";
import service from "./schemas/service.schema.json";
import sinkGroups from "./schemas/sink-groups.schema.json";
import sourceGroups from "./schemas/source-groups.schema.json";
import tasks from "./schemas/tasks.schema.json";
import table from "./schemas/table.schema.json";
import transformRules from "./schemas/transform-rules.schema.json";
import typeMapping from "./schemas/type-mapping.schema.json";
import typeOverrides from "./schemas/type-overrides.schema.json";

const SCHEMAS = {
  "column-templates": columnTemplates,
  service,
  "sink-groups": sinkGroups,
  "source-groups": sourceGroups,
  table,
  tasks,
  "transform-rules": transformRules,
  "type-mapping": typeMapping,
  "type-overrides": typeOverrides,
};

/** Kinds of configuration files; each has a JSON Schema in config/schemas/. */
export type FileKind = keyof typeof SCHEMAS;

/** What a schema has against a value. */
export interface SchemaFault {
  readonly path: readonly (string | number)[];
  readonly text: string;
  readonly hint?: string;
}

const validators = new Map<FileKind, ValidateFunction>();

/** Checks a parsed file against the schema of its kind: all faults, with the nearest valid word where one is near. */
export function checkSchema(kind: FileKind, value: unknown): SchemaFault[] {
  return faultsFound(validators.get(kind) ?? compile(kind), value);
}

/** What a compiled schema has against a value. */
export function faultsFound(validate: ValidateFunction, value: unknown): SchemaFault[] {
  if (validate(value)) return [];
  const errors = (validate.errors ?? []).filter((error) => !isToldByAnother(error));
  const groups = errors
    .filter(isChoice)
    .map((error) => ({ error, below: errors.filter((one) => isBelow(one, error)) }));
  const told = new Set(groups.filter(onlyKeys).flatMap(({ below }) => below));
  return [
    ...errors.filter((one) => !isChoice(one) && !told.has(one)).map((error) => faultOf(error, value)),
    ...groups.flatMap(({ error, below }) => choiceFault(error, below, value)),
  ];
}

/** A condition, or what is wrong with a name: the error of all names says whose. */
function isToldByAnother({ keyword, propertyName }: ErrorObject): boolean {
  return keyword === "if" || keyword === "allOf" || (propertyName !== undefined && keyword !== "propertyNames");
}

interface Choice {
  readonly error: ErrorObject;
  /** What is wrong with each of the forms. */
  readonly below: readonly ErrorObject[];
}

function isChoice({ keyword }: ErrorObject): boolean {
  return keyword === "anyOf" || keyword === "oneOf";
}

function isBelow({ schemaPath }: ErrorObject, choice: ErrorObject): boolean {
  return schemaPath.startsWith(`${choice.schemaPath}/`);
}

/** Every form misses a key of its own: that is one mistake, not several. */
function onlyKeys({ error, below }: Choice): boolean {
  return below.every((one) => one.keyword === "required" && one.instancePath === error.instancePath);
}

function choiceFault(error: ErrorObject, below: readonly ErrorObject[], root: unknown): SchemaFault[] {
  const path = pathOf(error.instancePath, root);
  if (below.length === 0) return [{ path, text: "holds what excludes each other", hint: "leave one of them out" }];
  if (!onlyKeys({ error, below })) return [];
  const keys = below.map(({ params }) => JSON.stringify((params as { missingProperty: string }).missingProperty));
  return [{ path, text: `one of the keys ${[...new Set(keys)].join(", ")} is missing` }];
}

let ajv: import("ajv").default | undefined;

function compile(kind: FileKind): ValidateFunction {
  ajv ??= openAjv();
  const validate = ajv.compile(SCHEMAS[kind]);
  validators.set(kind, validate);
  return validate;
}

/** Loads the library when the first file is checked: it takes longer than many a command that reads no configuration. */
function openAjv(): import("ajv").default {
  const { default: Ajv } = createRequire(__filename)("ajv") as typeof import("ajv");
  return new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true, strictRequired: false });
}

function faultOf(error: ErrorObject, root: unknown): SchemaFault {
  const path = pathOf(error.instancePath, root);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey(path, String(params["additionalProperty"]), knownKeys(error));
    case "required":
      return missingKey(path, String(params["missingProperty"]), error.data);
    case "type":
      return { path, ...wrongType(params["type"], error.data) };
    case "enum":
      return { path, ...wrongWord(params["allowedValues"], error.data) };
    case "propertyNames":
      return {
        path: [...path, String(params["propertyName"])],
        text: `${JSON.stringify(params["propertyName"])} cannot be a name here`,
      };
    default:
      return { path, text: plain(error) };
  }
}

/** A JSON pointer as keys; numbers where the value is a list. */
function pathOf(pointer: string, root: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replace(/~1/g, "/").replace(/~0/g, "~");
    path.push(Array.isArray(value) ? Number(key) : key);
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  return path;
}

function knownKeys(error: ErrorObject): string[] {
  const parent = error.parentSchema as { properties?: Record<string, unknown> } | undefined;
  return Object.keys(parent?.properties ?? {});
}

function unknownKey(path: readonly (string | number)[], key: string, known: readonly string[]): SchemaFault {
  const near = nearestWord(key, known);
  const hint = near === undefined ? `known are ${known.join(", ")}` : `did you mean "${near}"?`;
  return { path: [...path, key], text: `unknown key ${JSON.stringify(key)}`, hint };
}

function missingKey(path: readonly (string | number)[], key: string, data: unknown): SchemaFault {
  const present = typeof data === "object" && data !== null ? Object.keys(data) : [];
  const near = nearestWord(key, present);
  const text = `key ${JSON.stringify(key)} is missing`;
  return near === undefined
    ? { path, text }
    : { path: [...path, near], text, hint: `is "${near}" meant to be "${key}"?` };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  object: "a mapping",
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  null: "empty",
};

function wrongType(expected: unknown, data: unknown): { text: string; hint?: string } {
  const wanted = (Array.isArray(expected) ? expected : [expected]).map(
    (type) => TYPE_WORDS[String(type)] ?? String(type),
  );
  const kind = data === null ? "null" : Array.isArray(data) ? "array" : typeof data;
  const text = `must be ${wanted.join(" or ")}, is ${TYPE_WORDS[kind] ?? kind}`;
  const scalar = ["number", "boolean"].includes(kind) && wanted.includes("text");
  return scalar ? { text, hint: "put it in quotes" } : { text };
}

function wrongWord(allowed: unknown, data: unknown): { text: string; hint: string } {
  const words = (allowed as unknown[]).map(String);
  const near = typeof data === "string" ? nearestWord(data, words) : undefined;
  const shown = typeof data === "string" && data.length <= 60 ? JSON.stringify(data) : "the value";
  return {
    text: `${shown} is not allowed`,
    hint: near === undefined ? `allowed are ${words.join(", ")}` : `did you mean "${near}"?`,
  };
}

function plain(error: ErrorObject): string {
  if (error.keyword === "minLength" || error.keyword === "minProperties" || error.keyword === "minItems")
    return "is empty";
  return error.message ?? "is not valid";
}
