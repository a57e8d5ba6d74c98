import { isDeepStrictEqual } from "node:util";
import { CdcError } from "../../lib/errors";
import type { PgConfig } from "../../databases/postgres/config";
import { errorCode } from "../../databases/postgres/errors";
import { runStatements } from "../../databases/postgres/run";
import type { SinkProps } from "../../sql/plans/props";
import { configureConnections, connectionOf } from "./connections";
import { inTurn, whileLocked } from "./deploy-lock";
import {
  hasUnknown,
  type CheckFailure,
  type DynamicProvider,
  type Properties,
  type ReadResult,
} from "./dynamic-provider";
import { forget, knownCatalog } from "./known-catalog";
import { asProperties, comparable, idOf, identityFailures, propsOf } from "./properties";
import { forEngine } from "./provider-error";
import type { ResourceKind } from "./resource-kind";

const ATTEMPTS = 4;
const DATABASE_MISSING = "3D000";

// The catalogue said otherwise: somebody made, changed or dropped the object since it was read.
const OUTDATED = new Set(["42P07", "42P06", "42710", "42723", "42701", "42P01", "42703", "42883", "3F000", "42704"]);

/** The dynamic provider of one kind of resource. */
export function lifeCycle<I extends SinkProps, O extends SinkProps>(kind: ResourceKind<I, O>): DynamicProvider {
  return {
    // Not async inside: the SDK hands the provider to other calls before this promise is done.
    configure: (request) => {
      configureConnections(request);
      return Promise.resolve();
    },
    check: (olds, news) => forEngine(() => Promise.resolve(checkProps(kind, olds, news))),
    diff: (_id, olds, news) => forEngine(() => Promise.resolve({ changes: differs(kind, olds, news) })),
    create: (inputs) =>
      forEngine(async () => {
        const news = propsOf<I>(inputs);
        return { id: idOf(kind, news), outs: asProperties(await converge(kind, news)) };
      }),
    read: (id, props) => forEngine(() => read(kind, id, propsOf<O>(props))),
    update: (_id, olds, news) =>
      forEngine(async () => ({ outs: asProperties(await converge(kind, propsOf<I>(news), propsOf<O>(olds))) })),
    delete: (_id, props) => forEngine(() => remove(kind, propsOf<O>(props))),
  };
}

function checkProps<I extends SinkProps, O extends SinkProps>(
  kind: ResourceKind<I, O>,
  olds: Properties,
  news: Properties,
) {
  const inputs = { ...news };
  if (hasUnknown(news) || isDeepStrictEqual(olds, news)) return { inputs, failures: [] };
  const failures: CheckFailure[] = [...identityFailures(kind, olds, news), ...kind.check(propsOf<I>(news))];
  const known = knownOlds(kind, olds);
  if (failures.length === 0 && known !== undefined) failures.push(...kind.plan(known, propsOf<I>(news)).failures);
  return { inputs, failures };
}

// `check` gets the old inputs, which name the same columns as the outputs do. What somebody else's table is like
// isn't known without looking.
function knownOlds<I extends SinkProps, O extends SinkProps>(
  kind: ResourceKind<I, O>,
  olds: Properties,
): O | undefined {
  return Object.keys(olds).length === 0 || hasUnknown(olds) || olds["targetExists"] === true
    ? undefined
    : kind.outputs(propsOf<I>(olds), undefined);
}

function differs<I extends SinkProps, O extends SinkProps>(
  kind: ResourceKind<I, O>,
  olds: Properties,
  news: Properties,
): boolean {
  if (hasUnknown(news)) return true;
  const inputs = propsOf<I>(news);
  const known = propsOf<O>(olds);
  const met = kind.met?.(known, inputs);
  const wanted = kind.outputs(inputs, met ?? known);
  return !isDeepStrictEqual(comparable(asProperties(wanted)), comparable(met === undefined ? olds : asProperties(met)));
}

/** Makes the object what the inputs say, whatever it is now: nothing there, an older shape, or a half-done one. */
async function converge<I extends SinkProps, O extends SinkProps>(
  kind: ResourceKind<I, O>,
  inputs: I,
  olds?: O,
): Promise<O> {
  const config = connectionOf(inputs);
  const work = (): Promise<O> => whileLocked(config, () => convergeLocked(kind, config, inputs, olds));
  return kind.shared ? inTurn(config, work) : work();
}

async function convergeLocked<I extends SinkProps, O extends SinkProps>(
  kind: ResourceKind<I, O>,
  config: PgConfig,
  inputs: I,
  olds: O | undefined,
): Promise<O> {
  const owned = kind.owned(inputs);
  const known = expected(inputs, olds);
  for (let attempt = 1; ; attempt += 1) {
    const actual = await kind.actual(await knownCatalog(config, owned), known, config);
    const plan = kind.plan(actual, inputs);
    if (plan.failures.length > 0) throw planError(kind.object(inputs), plan.failures);
    if (plan.statements.length === 0) return kind.outputs(inputs, actual);
    try {
      // Bodies are ours, and run in the tests.
      const options = { object: kind.object(inputs), repeatable: true, checkBodies: false };
      await runStatements(config, [...plan.statements, ...(kind.history?.(inputs) ?? [])], options);
      forget(config, owned);
      return await settle(kind, config, inputs, actual);
    } catch (error) {
      forget(config, owned);
      if (attempt >= ATTEMPTS || !OUTDATED.has(errorCode(error) ?? "")) throw error;
    }
  }
}

async function settle<I extends SinkProps, O extends SinkProps>(
  kind: ResourceKind<I, O>,
  config: PgConfig,
  inputs: I,
  actual: O | undefined,
): Promise<O> {
  const outputs = kind.outputs(inputs, actual);
  if (kind.settled === undefined) return outputs;
  const settled = kind.settled(await knownCatalog(config, kind.owned(inputs)), outputs);
  const statements = kind.told?.(settled) ?? [];
  await runStatements(config, statements, { object: kind.object(inputs), repeatable: true });
  if (statements.length > 0) forget(config, kind.owned(inputs));
  return settled;
}

/** What to look for: the rights of the former role, so that they are taken back, and the columns known to be extra. */
function expected<I extends SinkProps, O extends SinkProps>(inputs: I, olds: O | undefined): I {
  if (olds === undefined) return inputs;
  const { applicationRole } = olds as { applicationRole?: string };
  return applicationRole === undefined ? inputs : { ...inputs, applicationRole };
}

async function read<I extends SinkProps, O extends SinkProps>(
  kind: ResourceKind<I, O>,
  id: string,
  props: O,
): Promise<ReadResult> {
  const config = connectionOf(props);
  try {
    const actual = await kind.actual(await knownCatalog(config, kind.owned(props)), props, config);
    return actual === undefined ? {} : { id, props: asProperties(actual) };
  } catch (error) {
    if (errorCode(error) === DATABASE_MISSING) return {};
    throw error;
  }
}

async function remove<I extends SinkProps, O extends SinkProps>(kind: ResourceKind<I, O>, props: O): Promise<void> {
  const config = connectionOf(props);
  const { statements } = kind.plan(props, undefined);
  const options = { object: kind.object(props), repeatable: true };
  const work = (): Promise<unknown> => whileLocked(config, () => runStatements(config, statements, options));
  try {
    if (statements.length > 0) await (kind.shared ? inTurn(config, work) : work());
  } catch (error) {
    // A database that is gone took the object along.
    if (errorCode(error) !== DATABASE_MISSING) throw error;
  } finally {
    forget(config, kind.owned(props));
  }
}

function planError(
  object: string,
  failures: readonly { readonly property: string; readonly reason: string }[],
): CdcError {
  const reasons = failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ");
  return new CdcError("CDC_CHANGE_REFUSED", `${object} cannot become what the configuration says: ${reasons}`, {
    hint: "Change the configuration, or change the table by hand first.",
  });
}
