import { isDeepStrictEqual } from "node:util";
import { failureOf } from "./source-errors";
import type { MsSqlConfig } from "../../databases/sqlserver/config";
import type { SourceProps } from "../../sql/plans/source-props";
import { configureConnections, sourceConfigOf } from "./connections";
import { hasUnknown, type CheckFailure, type DynamicProvider, type Properties } from "./dynamic-provider";
import { asProperties, comparable, idOf, identityFailures, propsOf } from "./properties";
import { forEngine } from "./provider-error";

/** What one kind of resource of a source adds to the common life cycle. */
export interface SourceKind<Inputs extends SourceProps, Outputs extends SourceProps> {
  /** `SourceTableCdc`. */
  readonly noun: string;
  /** Properties that name the object. */
  readonly identity: readonly (keyof Inputs & string)[];
  /** The object in words, such as `table dbo.Actor`. */
  object(props: Inputs | Outputs): string;
  /** What is wrong with the inputs, by property. */
  check(inputs: Inputs): readonly CheckFailure[];
  /** The outputs that an `up` would lead to from these. */
  expected(inputs: Inputs, olds: Outputs): Outputs;
  /** Makes the source what the inputs say, whatever it is now. */
  converge(config: MsSqlConfig, inputs: Inputs, olds: Outputs | undefined): Promise<Outputs>;
  /** The object as the source has it; undefined when it isn't there. */
  actual(config: MsSqlConfig, known: Outputs): Promise<Outputs | undefined>;
  /** Takes back what was made. */
  remove(config: MsSqlConfig, known: Outputs): Promise<void>;
}

/** The dynamic provider of one kind of resource at a source. */
export function sourceLifeCycle<I extends SourceProps, O extends SourceProps>(kind: SourceKind<I, O>): DynamicProvider {
  const converge = (inputs: I, olds?: O): Promise<O> =>
    told(kind, inputs, (config) => kind.converge(config, inputs, olds));
  return {
    // Not async inside: the SDK hands the provider to other calls before this promise is done.
    configure: (request) => {
      configureConnections(request);
      return Promise.resolve();
    },
    check: (olds, news) =>
      forEngine(() => Promise.resolve({ inputs: { ...news }, failures: failures(kind, olds, news) })),
    diff: (_id, olds, news) => forEngine(() => Promise.resolve({ changes: differs(kind, olds, news) })),
    create: (inputs) =>
      forEngine(async () => {
        const news = propsOf<I>(inputs);
        return { id: idOf(kind, news), outs: asProperties(await converge(news)) };
      }),
    read: (id, props) =>
      forEngine(async () => {
        const known = propsOf<O>(props);
        const actual = await told(kind, known, (config) => kind.actual(config, known));
        return actual === undefined ? {} : { id, props: asProperties(actual) };
      }),
    update: (_id, olds, news) =>
      forEngine(async () => ({ outs: asProperties(await converge(propsOf<I>(news), propsOf<O>(olds))) })),
    delete: (_id, props) =>
      forEngine(async () => {
        const known = propsOf<O>(props);
        if (known.manage) await told(kind, known, (config) => kind.remove(config, known));
      }),
  };
}

/** Failures say what was at work, and what somebody with more rights can run. */
async function told<I extends SourceProps, O extends SourceProps, T>(
  kind: SourceKind<I, O>,
  props: I | O,
  work: (config: MsSqlConfig) => Promise<T>,
): Promise<T> {
  const config = sourceConfigOf(props);
  try {
    return await work(config);
  } catch (error) {
    throw failureOf(error, config, kind.object(props));
  }
}

function failures<I extends SourceProps, O extends SourceProps>(
  kind: SourceKind<I, O>,
  olds: Properties,
  news: Properties,
): CheckFailure[] {
  if (hasUnknown(news) || isDeepStrictEqual(olds, news)) return [];
  return [...identityFailures(kind, olds, news), ...kind.check(propsOf<I>(news))];
}

function differs<I extends SourceProps, O extends SourceProps>(
  kind: SourceKind<I, O>,
  olds: Properties,
  news: Properties,
): boolean {
  if (hasUnknown(news)) return true;
  const expected = kind.expected(propsOf<I>(news), propsOf<O>(olds));
  return !isDeepStrictEqual(comparable(asProperties(expected)), comparable(olds));
}
