import { CdcError } from "../../lib/errors";
import type { PipelineModel, Sink } from "../../model/sink";
import { SCHEMA_PLACEHOLDER, type SchemaEntry } from "../migration-set";
import { isPlain } from "../plain-schema";
import type { GatheredSink, GatheredTable, Instance, ServiceInput } from "./gathered";
import { grouped } from "./grouped";
import { PlaceholderNames } from "./placeholder-names";
import { differenceOf } from "./same-table";

/**
 * The sinks of the services with all their environments, sorted by name. Throws CdcError
 * (CDC_MIGRATIONS_DIFFER) when environments want different tables, which one set of files can't give.
 */
export function gatherSinks(services: readonly ServiceInput[]): GatheredSink[] {
  const names = new Set(services.flatMap(({ models }) => models.flatMap(({ sinks }) => sinks.map(({ name }) => name))));
  return [...names].sort().map((name) => gatherSink(name, services));
}

/** A sink of one service in one environment. */
interface Placed {
  readonly service: string;
  readonly model: PipelineModel;
  readonly sink: Sink;
}

function gatherSink(name: string, services: readonly ServiceInput[]): GatheredSink {
  const placed = services.flatMap(({ service, models }) =>
    models.flatMap((model) =>
      model.sinks.filter((sink) => sink.name === name).map((sink) => ({ service, model, sink })),
    ),
  );
  const own = [...new Set(placed.map(({ service }) => service))].sort();
  const parts = own.map((service) => gatherService(placed.filter((one) => one.service === service)));
  const role = roleOf(name, placed);
  const environments = [...new Set(placed.map(({ model }) => model.environment))].sort();
  const written = Object.assign({}, ...services.map(({ databases }) => databases[name] ?? {})) as Record<
    string,
    string
  >;
  return {
    name,
    pattern: placed[0]?.model.pattern ?? "db-shared",
    ...(role === undefined ? {} : { applicationRole: role }),
    services: own,
    databases: Object.fromEntries(environments.map((one) => [one, written[one] ?? ""])),
    tables: parts.flatMap(({ tables }) => tables),
    schemas: Object.fromEntries(
      environments.map((one) => [one, mergeSchemas(parts.map(({ schemas }) => schemas[one] ?? []))]),
    ),
  };
}

function roleOf(name: string, placed: readonly Placed[]): string | undefined {
  const [first, ...others] = placed;
  const other = others.find(({ sink }) => sink.applicationRole !== first?.sink.applicationRole);
  if (other === undefined) return first?.sink.applicationRole;
  const words = ({ service, model, sink }: Placed) =>
    `${sink.applicationRole ?? "none"} in service ${service}, environment ${model.environment}`;
  throw new CdcError(
    "CDC_MIGRATIONS_DIFFER",
    `sink ${name} has the application role ${first === undefined ? "none" : words(first)}, and ${words(other)}`,
    { hint: "One set of files serves all of them: give application_role: the same value everywhere." },
  );
}

interface ServicePart {
  readonly tables: readonly GatheredTable[];
  readonly schemas: Readonly<Record<string, readonly SchemaEntry[]>>;
}

function gatherService(placed: readonly Placed[]): ServicePart {
  const [first] = placed;
  if (first === undefined) return { tables: [], schemas: {} };
  const customers = [
    ...new Set(
      placed.flatMap(({ sink }) => sink.schemas.flatMap(({ name, tenant }) => (tenant === undefined ? [] : [name]))),
    ),
  ];
  const names = new PlaceholderNames();
  const byName = grouped(
    placed.flatMap(({ model, sink }) => sink.tables.map((table) => ({ environment: model.environment, table }))),
    ({ table }) => table.name,
  );
  const tables = [...byName]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, instances]) =>
      split(first.service, instances, customers).map((part) => ({
        service: first.service,
        name,
        ...part,
        ...(first.sink.applicationRole === undefined ? {} : { applicationRole: first.sink.applicationRole }),
        placeholders: names.add(name, part.instances),
      })),
    );
  const schemas = placed.map(({ service, model, sink }) => {
    const entries = sink.schemas.map(({ name, tenant }) => ({
      name,
      ...(tenant === undefined ? {} : { tenant }),
      services: { [service]: names.valuesIn(model.environment, name) },
    }));
    return [model.environment, entries] as const;
  });
  return { tables, schemas: Object.fromEntries(schemas) };
}

type Part = Pick<GatheredTable, "schema" | "instances" | "except">;

/** The files that tables of one name need: one for most customers, one more for each that has it another way. */
function split(service: string, instances: readonly Instance[], customers: readonly string[]): Part[] {
  const bySchema = [...grouped(instances, ({ table }) => table.schema).values()];
  for (const one of bySchema) checkEnvironments(service, one);
  for (const { table } of instances) checkName(table.schema);
  const ofCustomers = bySchema.filter(([one]) => one?.table.tenant !== undefined && isPlain(one.table.schema));
  const groups: Instance[][][] = [];
  for (const one of ofCustomers) {
    const group = groups.find(
      ([known]) =>
        known?.[0] !== undefined && one[0] !== undefined && differenceOf(known[0].table, one[0].table) === undefined,
    );
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  const most = groups.reduce<Instance[][]>((best, group) => (group.length > best.length ? group : best), []);
  const generic = most.length * 2 > customers.length ? most : [];
  const concrete = bySchema.filter((one) => !generic.includes(one));
  return [...(generic.length === 0 ? [] : [genericPart(generic.flat(), customers)]), ...concrete.map(concretePart)];
}

/** A customer by the placeholder's own name would be every customer. */
function checkName(schema: string): void {
  if (schema !== SCHEMA_PLACEHOLDER) return;
  throw new CdcError(
    "CDC_NAME_UNUSABLE",
    `a schema can't be called ${SCHEMA_PLACEHOLDER}: in files that means every customer's`,
    {
      hint: "Give the customer another name in source-groups.yaml.",
    },
  );
}

function genericPart(instances: readonly Instance[], customers: readonly string[]): Part {
  const own = new Set(instances.map(({ table }) => table.schema));
  return { schema: SCHEMA_PLACEHOLDER, instances, except: customers.filter((name) => !own.has(name)).sort() };
}

function concretePart(instances: readonly Instance[]): Part {
  return { schema: instances[0]?.table.schema ?? "", instances, except: [] };
}

/** One schema's table must be the same in every environment. */
function checkEnvironments(service: string, [first, ...others]: readonly Instance[]): void {
  if (first === undefined) return;
  for (const other of others) {
    const difference = differenceOf(first.table, other.table);
    if (difference === undefined) continue;
    const name = `${first.table.schema}.${first.table.name} of service ${service}`;
    throw new CdcError(
      "CDC_MIGRATIONS_DIFFER",
      `${name} is not the same in environments ${first.environment} and ${other.environment}: in ${other.environment} ${difference}`,
      { hint: "One set of files serves all environments: make them equal, or keep them in folders of their own." },
    );
  }
}

/** The schemas of several services, each once, by name. */
export function mergeSchemas(lists: readonly (readonly SchemaEntry[])[]): SchemaEntry[] {
  const merged = new Map<string, SchemaEntry>();
  for (const entry of lists.flat()) {
    const known = merged.get(entry.name);
    const services = Object.entries({ ...known?.services, ...entry.services }).sort(([one], [other]) =>
      one < other ? -1 : 1,
    );
    merged.set(entry.name, { ...known, ...entry, services: Object.fromEntries(services) });
  }
  return [...merged.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}
