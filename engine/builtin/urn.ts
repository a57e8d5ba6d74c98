const rootType = "pulumi:pulumi:Stack";

/** What a URN says. */
export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** Types of the parents and the resource, joined by `$`. */
  readonly qualifiedType: string;
  readonly type: string;
  readonly name: string;
}

/** Splits `urn:pulumi:<stack>::<project>::<types>::<name>`; the name may hold `::`. */
export function parseUrn(urn: string): UrnParts {
  const [stack = "", project = "", qualifiedType = "", ...name] = urn.slice("urn:pulumi:".length).split("::");
  const type = qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
  return { stack, project, qualifiedType, type, name: name.join("::") };
}

/** The URN of a resource. A parent of the stack's type is not part of it. */
export function makeUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : parseUrn(parent).qualifiedType;
  const prefix = parentType === "" || parentType === rootType ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

export function isRootStack(type: string): boolean {
  return type === rootType;
}

/** True for `pulumi:providers:…`. */
export function isProviderType(type: string): boolean {
  return type.startsWith("pulumi:providers:");
}

/** The package that a type token belongs to: `pulumi-nodejs` of `pulumi-nodejs:dynamic/cdc:SinkTable`. */
export function packageOf(type: string): string {
  return isProviderType(type) ? type.slice("pulumi:providers:".length) : type.slice(0, Math.max(0, type.indexOf(":")));
}

/** The URN in a provider reference `<urn>::<id>`. */
export function providerUrn(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}

/** Whether a URN is meant by a target: itself, or a pattern with `*` (within a part) and `**` (anything). */
export function matchesTarget(urn: string, target: string): boolean {
  if (!target.includes("*")) return urn === target;
  const pattern = target
    .split("**")
    .map((part) => part.split("*").map(escapePattern).join("[^:$]*"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(urn);
}

function escapePattern(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}
