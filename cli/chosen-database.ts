import { CdcError } from "../lib/errors";
import type { Context } from "./context";
import { projectOfStack } from "./project";
import { deployedDatabases, type DeployedDatabase } from "./sink-connections";
import { openStack } from "./stack-run";

/** The databases that the stack deployed into; only the named one when there is a name. Throws CdcError (CDC_NO_DATABASE). */
export async function stackDatabases(context: Context, name?: string): Promise<readonly DeployedDatabase[]> {
  const all = await deployedDatabases(
    await openStack(context),
    context.options.stack,
    projectOfStack(context),
    context.io.env,
  );
  const chosen = name === undefined ? all : all.filter((one) => one.database === name || longName(one) === name);
  if (chosen.length === 0)
    throw noDatabase(`stack ${context.options.stack} deployed nothing into a database ${String(name)}`, all);
  return chosen;
}

/** The one database of the stack, or the named one. Throws CdcError (CDC_NO_DATABASE) when there are several. */
export async function stackDatabase(context: Context, name?: string): Promise<DeployedDatabase> {
  const [first, ...others] = await stackDatabases(context, name);
  if (first === undefined || others.length > 0) {
    throw noDatabase(
      `stack ${context.options.stack} has several databases`,
      first === undefined ? [] : [first, ...others],
    );
  }
  return first;
}

function noDatabase(message: string, all: readonly DeployedDatabase[]): CdcError {
  const twice = all.filter((one, index) => all.findIndex(({ database }) => database === one.database) < index);
  const names = all
    .map((one) => (twice.some(({ database }) => database === one.database) ? longName(one) : one.database))
    .join(", ");
  return new CdcError("CDC_NO_DATABASE", message, { hint: `Choose one with --database: ${names}.` });
}

/** `main.directory/clinic`: tells databases of one name on two servers apart. */
function longName({ connection, database }: DeployedDatabase): string {
  return `${connection.split(":").slice(2).join(":")}/${database}`;
}
