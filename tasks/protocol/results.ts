import { isObject, parseObject, type JsonObject } from "./json-object";
import type {
  InfrastructureResult,
  LifecycleCommand,
  LifecycleResult,
  ResourceChange,
  ResourceState,
} from "./messages";

/** The result that a line holds, in either form; undefined when it is no result. */
export function decodeResult(line: string, command: LifecycleCommand): LifecycleResult | undefined {
  const found = parseObject(line);
  if (found === undefined || typeof found["status"] !== "string") return undefined;
  const isOurs = found["type"] === "result";
  if (!isOurs && "type" in found) return undefined;
  return resultOf(command, {
    status: hasFailed(found, isOurs) ? "failed" : "succeeded",
    changes: objects(found["changes"]).map(changeOf),
    resources: objects(found["resources"]).map(resourceOf),
    ...(typeof found["message"] === "string" ? { message: found["message"] } : {}),
    ...errorOf(found["error"]),
  });
}

/** A result with all that its line has. */
export function resultOf(command: LifecycleCommand, result: InfrastructureResult): LifecycleResult {
  return { ...result, type: "result", command, changes: result.changes ?? [], resources: result.resources ?? [] };
}

// Ours says it in one of two words; older providers have more words for success.
function hasFailed({ status, error }: JsonObject, isOurs: boolean): boolean {
  if (isOurs) return status !== "succeeded";
  return /^(failed|error)$/i.test(String(status)) || (error !== undefined && error !== null && error !== "");
}

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function changeOf(found: JsonObject): ResourceChange {
  const action = ACTIONS.find((one) => one === found["action"]) ?? "none";
  return { action, ...named(found), ...detailOf(found) };
}

const ACTIONS = ["create", "update", "delete", "none"] as const;

function resourceOf(found: JsonObject): ResourceState {
  return { ...named(found), state: word(found["state"] ?? found["status"], "unknown"), ...detailOf(found) };
}

function named(found: JsonObject): { kind: string; name: string } {
  return { kind: word(found["kind"] ?? found["type"], "resource"), name: word(found["name"] ?? found["id"], "") };
}

function detailOf({ detail }: JsonObject): { detail?: string } {
  return typeof detail === "string" ? { detail } : {};
}

function errorOf(error: unknown): Pick<InfrastructureResult, "error"> {
  if (typeof error === "string" && error !== "") return { error: { code: "CDC_PROVIDER_FAILED", message: error } };
  if (!isObject(error)) return {};
  return {
    error: {
      code: word(error["code"], "CDC_PROVIDER_FAILED"),
      message: word(error["message"], "no message was given"),
    },
  };
}

function word(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}
