import type { Field, Schema } from "./codec";

const text = (name: string): Field => ({ name, kind: "string" });
const flag = (name: string): Field => ({ name, kind: "bool" });
const texts = (name: string): Field => ({ name, kind: "string", many: "list" });
/** A Struct or Value, kept as bytes until somebody needs what is inside. */
const raw = (name: string): Field => ({ name, kind: "bytes" });
const message = (name: string, kind: Schema): Field => ({ name, kind });

const position: Schema = { 1: text("uri"), 2: { name: "line", kind: "int" }, 3: { name: "column", kind: "int" } };
const urns: Schema = { 1: texts("urns") };
const failure: Schema = { 1: text("property"), 2: text("reason") };
const hooks: Schema = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((field) => [field, texts("names")]));
const aliasSpec: Schema = {
  1: text("name"),
  2: text("type"),
  3: text("stack"),
  4: text("project"),
  5: text("parentUrn"),
  6: flag("noParent"),
};
const timeouts: Schema = { 1: text("create"), 2: text("update"), 3: text("delete"), 4: text("read") };

export const supportsFeatureRequest: Schema = { 1: text("id") };
export const supportsFeatureResponse: Schema = { 1: flag("hasSupport") };

export const registerResourceRequest: Schema = {
  1: text("type"),
  2: text("name"),
  3: text("parent"),
  4: flag("custom"),
  5: raw("object"),
  6: flag("protect"),
  7: texts("dependencies"),
  8: text("provider"),
  9: { name: "propertyDependencies", kind: urns, many: "map" },
  10: flag("deleteBeforeReplace"),
  11: text("version"),
  12: texts("ignoreChanges"),
  13: flag("acceptSecrets"),
  14: texts("additionalSecretOutputs"),
  15: texts("aliasUrns"),
  16: text("importId"),
  17: message("customTimeouts", timeouts),
  18: flag("deleteBeforeReplaceDefined"),
  20: flag("remote"),
  21: flag("acceptResources"),
  22: { name: "providers", kind: "string", many: "map" },
  23: texts("replaceOnChanges"),
  24: text("pluginDownloadUrl"),
  25: flag("retainOnDelete"),
  26: { name: "aliases", kind: { 1: text("urn"), 2: message("spec", aliasSpec) }, many: "list" },
  27: text("deletedWith"),
  29: message("sourcePosition", position),
  31: { name: "transforms", kind: {}, many: "list" },
  33: text("packageRef"),
  34: message("hooks", hooks),
  37: texts("hideDiffs"),
  38: texts("replaceWith"),
  39: raw("replacementTrigger"),
};
export const registerResourceResponse: Schema = {
  1: text("urn"),
  2: text("id"),
  3: raw("object"),
  7: { name: "result", kind: "int" },
  8: flag("unknown"),
};
export const registerOutputsRequest: Schema = { 1: text("urn"), 2: raw("outputs") };
export const namedRequest: Schema = { 1: text("name"), 2: text("type"), 3: text("label") };
export const readResourceRequest: Schema = { 1: text("id"), 2: text("type"), 3: text("name") };
export const invokeRequest: Schema = { 1: text("token"), 2: raw("args") };
export const invokeResponse: Schema = { 1: raw("result") };

export const logRequest: Schema = {
  1: { name: "severity", kind: "int" },
  2: text("message"),
  3: text("urn"),
  5: flag("ephemeral"),
};
export const rootResource: Schema = { 1: text("urn") };

export const configureRequest: Schema = {
  1: { name: "variables", kind: "string", many: "map" },
  2: raw("args"),
  3: flag("acceptSecrets"),
  4: flag("acceptResources"),
  5: flag("sendsOldInputs"),
  6: flag("sendsOldInputsToDelete"),
  7: text("id"),
  8: text("urn"),
  9: text("name"),
  10: text("type"),
};
export const configureResponse: Schema = {
  1: flag("acceptSecrets"),
  2: flag("supportsPreview"),
  3: flag("acceptResources"),
};
export const checkRequest: Schema = {
  1: text("urn"),
  2: raw("olds"),
  3: raw("news"),
  5: raw("randomSeed"),
  6: text("name"),
  7: text("type"),
};
export const checkResponse: Schema = { 1: raw("inputs"), 2: { name: "failures", kind: failure, many: "list" } };
export const diffRequest: Schema = {
  1: text("id"),
  2: text("urn"),
  3: raw("olds"),
  4: raw("news"),
  5: texts("ignoreChanges"),
  6: raw("oldInputs"),
  7: text("name"),
  8: text("type"),
};
export const diffResponse: Schema = {
  1: texts("replaces"),
  3: flag("deleteBeforeReplace"),
  4: { name: "changes", kind: "int" },
  5: texts("diffs"),
};
export const createRequest: Schema = {
  1: text("urn"),
  2: raw("properties"),
  3: { name: "timeout", kind: "double" },
  4: flag("preview"),
  5: text("name"),
  6: text("type"),
};
export const readRequest: Schema = {
  1: text("id"),
  2: text("urn"),
  3: raw("properties"),
  4: raw("inputs"),
  5: text("name"),
  6: text("type"),
};
export const readResponse: Schema = { 1: text("id"), 2: raw("properties"), 3: raw("inputs") };
export const updateRequest: Schema = {
  1: text("id"),
  2: text("urn"),
  3: raw("olds"),
  4: raw("news"),
  5: { name: "timeout", kind: "double" },
  6: texts("ignoreChanges"),
  7: flag("preview"),
  8: raw("oldInputs"),
  9: text("name"),
  10: text("type"),
};
export const updateResponse: Schema = { 1: raw("properties") };
export const deleteRequest: Schema = {
  1: text("id"),
  2: text("urn"),
  3: raw("properties"),
  4: { name: "timeout", kind: "double" },
  5: raw("oldInputs"),
  6: text("name"),
  7: text("type"),
};
/** `google.rpc.Status`, whose details tell of a resource that exists but failed to become ready. */
export const status: Schema = {
  1: { name: "code", kind: "int" },
  2: text("message"),
  3: { name: "details", kind: { 1: text("typeUrl"), 2: raw("value") }, many: "list" },
};
export const initFailed: Schema = { 1: text("id"), 2: raw("properties"), 3: texts("reasons") };
