import { MAX_TOPIC_LENGTH } from "../../model/kafka-names";
import { parseDocument, type PipelineDocument } from "../document";
import { bloblangFaults } from "./bloblang-faults";

/** Something wrong with a document. */
export interface DocumentProblem {
  /** File, from the output folder; or the name of a mapping. */
  readonly path: string;
  readonly line?: number;
  readonly text: string;
}

const BLOBLANG_KEYS = new Set([
  "mapping",
  "mutation",
  "bloblang",
  "args_mapping",
  "request_map",
  "result_map",
  "check",
]);
const TOPIC_KEY = /(^|\.)topics?(\.name)?$/;
const SECRET_KEY = /pass(word|wd)|secret|token|credential|sasl\.jaas|api_?key/i;
const ADDRESS_KEY = /^(dsn|connection_string|connection\.url|url|urls|addresses)$/;
const VARIABLE = /\$\{(?:env:)?[A-Za-z_][A-Za-z0-9_]*(?::[^}]*)?\}/;
const INTERPOLATED = /\$\{!/;

/** Checks a document's text: that it parses, its Bloblang, its topics, and that no secret stands there in clear. */
export function lintDocument({ path, text }: Pick<PipelineDocument, "path" | "text">): DocumentProblem[] {
  let value: unknown;
  try {
    value = path.endsWith(".json") ? JSON.parse(text) : parseDocument(text);
  } catch (error) {
    return [{ path, text: `cannot be parsed: ${firstLine(error)}` }];
  }
  // It would run nothing, and fail nothing.
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0)
    return [{ path, text: "holds no settings" }];
  const problems: DocumentProblem[] = [];
  walk(value, "", (key, one) => {
    for (const fault of faultsOf(key, one)) problems.push({ path, text: `${key}: ${fault}` });
  });
  return problems;
}

function faultsOf(key: string, value: string): string[] {
  if (BLOBLANG_KEYS.has(key)) return bloblangFaults(value).map(({ line, text }) => `line ${String(line)}: ${text}`);
  if (TOPIC_KEY.test(key) && !INTERPOLATED.test(value)) return value.split(",").flatMap(topicFaults);
  if (SECRET_KEY.test(key) && value !== "" && !VARIABLE.test(value))
    return ["a secret stands there in clear: use ${VAR}"];
  return ADDRESS_KEY.test(key) ? addressFaults(value) : [];
}

function topicFaults(topic: string): string[] {
  if (VARIABLE.test(topic)) return [];
  if (topic.length > MAX_TOPIC_LENGTH) return [`topic ${topic} is longer than ${String(MAX_TOPIC_LENGTH)} characters`];
  const valid = /^[A-Za-z0-9._-]+$/.test(topic) && topic !== "." && topic !== "..";
  return valid ? [] : [`topic ${topic} has characters that Kafka does not take`];
}

/** The password part of an address must be a variable. */
function addressFaults(address: string): string[] {
  const hidden = address.replace(new RegExp(VARIABLE, "g"), "$");
  const inside = /:\/\/[^/@:]*:([^/@]*)@/.exec(hidden)?.[1] ?? /password=([^;&\s]*)/i.exec(hidden)?.[1];
  return inside === undefined || inside === "" || inside === "$"
    ? []
    : ["a password stands there in clear: use ${VAR}"];
}

function walk(value: unknown, key: string, visit: (key: string, value: string) => void): void {
  if (typeof value === "string") visit(key, value);
  else if (Array.isArray(value)) for (const one of value) walk(one, key, visit);
  else if (typeof value === "object" && value !== null)
    for (const [name, one] of Object.entries(value)) walk(one, name, visit);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
