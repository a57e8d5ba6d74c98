import type { SourceSettings, SourceSettingsSources } from "../databases/sqlserver/settings";
import type { Context } from "./context";
import { findProject, stackNames } from "./project";
import { openStackConfig } from "./stack-config";

/** `cdc:source` and `cdc:sources` of the chosen stack, decrypted, beside the environment; the latter alone where there is no such stack. */
export async function sourceSettingsOf(context: Context): Promise<Omit<SourceSettingsSources, "servers">> {
  const { env } = context.io;
  const project = findProject(context.directory);
  if (project === undefined || !stackNames(project).includes(context.options.stack)) return { env };
  const { value } = await openStackConfig(project, context.options.stack, env);
  const source = value<SourceSettings>("cdc:source");
  const sources = value<Record<string, SourceSettings>>("cdc:sources");
  return { ...(source === undefined ? {} : { source }), ...(sources === undefined ? {} : { sources }), env };
}
