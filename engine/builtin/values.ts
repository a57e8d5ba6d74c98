import type { Properties, Value } from "./protocol/struct";

/** Key that marks an object as something else than a plain object. */
export const signatureKey = "4dabf18193072939515e22adb298388d";
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
/** Stands for a value that is not known before the change is made. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The property that carries a dynamic provider; of no interest to people. */
export const providerProperty = "__provider";

export function isObject(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is { value: Value } & Properties {
  return isObject(value) && value[signatureKey] === secretSignature;
}

function isReference(value: Value): value is Properties {
  return isObject(value) && value[signatureKey] === resourceSignature;
}

/** Wraps a value as secret, unless it is one. */
export function asSecret(value: Value): Value {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** True when `test` holds for the value or anything inside it. */
function some(value: Value | undefined, test: (value: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((inner) => some(inner, test));
}

export function containsSecret(value: Value | undefined): boolean {
  return some(value, isSecret);
}

export function containsUnknown(value: Value | undefined): boolean {
  return some(value, (inner) => inner === unknownValue);
}

function map(value: Value, replace: (value: Value) => Value | undefined): Value {
  const replaced = replace(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((inner) => map(inner, replace));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, map(inner, replace)]));
}

/**
 * What a provider that knows neither secrets nor references gets to see: the secret's value, the resource's id
 * (a component's URN).
 */
export function plain(properties: Properties): Properties {
  const strip = (value: Value): Value | undefined => {
    if (isSecret(value)) return map(value.value, strip);
    return isReference(value) ? (value["id"] ?? value["urn"] ?? null) : undefined;
  };
  return isMarked(properties) ? (map(properties, strip) as Properties) : properties;
}

/** Most properties hold neither secrets nor references, and are passed as they are. */
function isMarked(value: Value): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(isMarked);
  if (value[signatureKey] !== undefined) return true;
  for (const name in value) if (isMarked(value[name] as Value)) return true;
  return false;
}

/** Marks in `outputs` what is secret in the inputs of the same name: providers do not keep the mark themselves. */
export function keepSecrets(outputs: Properties, inputs: Properties): void {
  for (const [name, input] of Object.entries(inputs)) {
    const output = outputs[name];
    if (output === undefined) continue;
    if (isObject(output) && isObject(input) && !isSecret(output) && !isSecret(input)) keepSecrets(output, input);
    else if (containsSecret(input)) outputs[name] = asSecret(output);
  }
}

/** Deep equality; the order of keys means nothing. */
export function equal(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) return equalArrays(left, right);
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name]));
}

function equalArrays(left: Value[] | Properties, right: Value[] | Properties): boolean {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  return left.every((value, index) => equal(value, right[index]));
}

/** Equality of what providers see: secret or not makes no difference. */
export function equalPlain(left: Properties, right: Properties): boolean {
  return equal(left, right) || equal(plain(left), plain(right));
}

/** Properties fit to be shown: secrets hidden, unknowns said, no `__provider`. */
export function shown(properties: Properties): Record<string, unknown> {
  const hide = (value: Value): Value | undefined => {
    if (isSecret(value)) return "[secret]";
    if (value === unknownValue) return "[unknown]";
    return isReference(value) ? (value["urn"] ?? null) : undefined;
  };
  const { [providerProperty]: _provider, ...rest } = properties;
  return map(rest, hide) as Record<string, unknown>;
}

/** Names whose values differ between what is there and what is wanted, `__provider` aside. */
export function changedNames(olds: Properties, news: Properties): string[] {
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  names.delete(providerProperty);
  return [...names].filter((name) => !equal(plainValue(olds[name]), plainValue(news[name])));
}

function plainValue(value: Value | undefined): Value | undefined {
  return value === undefined ? undefined : plain({ value })["value"];
}
