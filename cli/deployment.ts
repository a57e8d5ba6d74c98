/** What the CLI reads of a resource in an exported deployment. */
export interface DeployedResource {
  readonly urn: string;
  readonly type: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly delete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Resources of a deployment as `export` answers it; none when the stack was never deployed. */
export function resourcesOf(exported: unknown): readonly DeployedResource[] {
  const { deployment } = (exported ?? {}) as { deployment?: { resources?: readonly DeployedResource[] | null } };
  return deployment?.resources ?? [];
}

/** The last part of a URN: the resource's name. */
export function nameOfUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
