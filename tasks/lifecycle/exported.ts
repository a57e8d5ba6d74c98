import type { Stack } from "../../engine/stack";
import { CdcError } from "../../lib/errors";

/** A resource of a stack, as the last run left it. */
export interface ExportedResource {
  readonly type: string;
  /** The last part of its URN. */
  readonly name: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What a stack holds; nothing when it was never deployed. Secrets are encrypted. */
export async function exportedResources(stack: Stack): Promise<ExportedResource[]> {
  const { deployment } = (await exported(stack)) as { deployment?: { resources?: Exported[] | null } };
  return (deployment?.resources ?? [])
    .filter(({ delete: isGone }) => isGone !== true)
    .map(({ type, urn, outputs = {} }) => ({ type, name: nameOf(urn), outputs }));
}

interface Exported {
  readonly type: string;
  readonly urn: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly delete?: boolean;
}

/** The CLI of Pulumi knows no stack that was never deployed. */
function exported(stack: Stack): Promise<unknown> {
  return stack.export().catch((error: unknown) => {
    if (isNotFound(error)) return {};
    throw error;
  });
}

/** Whether a stack was never deployed. */
export function isNotFound(error: unknown): boolean {
  return error instanceof CdcError && error.code === "CDC_STACK_NOT_FOUND";
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
