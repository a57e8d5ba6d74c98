import fc from "fast-check";
import type { Column } from "../../model/column";
import { derivedName, procedureName, sinkName, stagingName, utf8Length } from "../../model/identifier";
import { METADATA_COLUMNS } from "../../model/metadata-columns";
import type { PipelineModel, SinkTable } from "../../model/sink";
import { pipelineModel } from "../harness/sink-model";

/** A service in some environments, as the configuration room gives it. */
export interface ServiceModels {
  readonly service: string;
  readonly models: readonly PipelineModel[];
  readonly databases: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const TYPES = ["integer", "bigint", "varchar(50)", "text", "numeric(8,2)", "timestamp(6)", "uuid", "boolean", "bytea"];

const WEIRD = [
  ...[
    "Actor",
    "actor",
    "ACTOR",
    "Order Lines",
    "Order-Lines",
    "O'Brien",
    'Q"uote',
    "navnæøå",
    "Ærlig",
    "x\\y",
    "$merge$",
    "$1",
  ],
  ...[
    "{{SCHEMA}}",
    "{{OPEN}}",
    "{{x",
    "}}",
    "a.b",
    "select",
    "line\nbreak",
    "per%cent",
    "VALUE:x",
    "__x",
    "con",
    ".hidden",
    "a/b",
  ],
  ...[
    "b".repeat(63),
    `æ${"ø".repeat(30)}`,
    "c".repeat(80),
    "emoji😀",
    "__proto__",
    "constructor",
    "stg_Actor",
    "Actor-staging",
  ],
];

/** Names that people, generators and attackers give to tables and columns; at most 63 bytes. */
export const names: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/) },
  { weight: 2, arbitrary: fc.constantFrom(...WEIRD).map(sinkName) },
);

const texts = fc.oneof(
  fc.constantFrom("north", "it's", 'a "b"', "x\\y", "{{SCHEMA}}", "{{TENANT}}", "æøå", "", "$1", "null"),
  fc.uuid(),
);

type TemplateKind = "constant" | "own" | "default" | "by-customer" | "nothing";

interface TableSketch {
  readonly name: string;
  readonly shared: boolean;
  readonly exists: boolean;
  readonly onDelete: "hard" | "soft";
  readonly logged: boolean;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly nullable: boolean;
    readonly renamed: boolean;
  }[];
  readonly templates: readonly { readonly name: string; readonly kind: TemplateKind; readonly value: string }[];
}

const sketches: fc.Arbitrary<TableSketch> = fc.record({
  name: names,
  shared: fc.boolean(),
  exists: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
  onDelete: fc.constantFrom("hard" as const, "soft" as const),
  logged: fc.boolean(),
  columns: fc.uniqueArray(
    fc.record({ name: names, type: fc.constantFrom(...TYPES), nullable: fc.boolean(), renamed: fc.boolean() }),
    { minLength: 1, maxLength: 6, selector: ({ name }) => name },
  ),
  templates: fc.uniqueArray(
    fc.record({
      name: names.map((name) => derivedName("_", name)),
      kind: fc.constantFrom<TemplateKind>("constant", "own", "default", "by-customer", "nothing"),
      value: texts,
    }),
    { maxLength: 3, selector: ({ name }) => name },
  ),
});

const services = fc.record({
  pattern: fc.constantFrom("db-per-tenant" as const, "db-shared" as const),
  customers: fc.uniqueArray(
    names.filter((name) => name !== "{{SCHEMA}}"),
    { minLength: 1, maxLength: 4 },
  ),
  environments: fc.subarray(["dev", "prod"], { minLength: 1 }),
  tables: fc.uniqueArray(sketches, { minLength: 1, maxLength: 4, selector: ({ name }) => name }),
  salt: texts,
  unknown: fc.boolean(),
});

/** Services of both patterns with any names, template columns of every kind, and tables that customers share. */
export const serviceModels: fc.Arbitrary<ServiceModels> = services.map((drawn) => {
  const models = drawn.environments.map((environment) => modelOf(drawn, environment));
  return {
    service: "clinic",
    models,
    databases: { "main.clinic": Object.fromEntries(drawn.environments.map((one) => [one, `db_${one}`])) },
  };
});

type Drawn = typeof services extends fc.Arbitrary<infer D> ? D : never;

function modelOf(drawn: Drawn, environment: string): PipelineModel {
  const perTenant = drawn.pattern === "db-per-tenant";
  const tables = drawn.tables.flatMap((sketch) =>
    perTenant && !sketch.shared
      ? drawn.customers.map((customer) => tableOf(sketch, customer, drawn, environment))
      : [tableOf(sketch, undefined, drawn, environment)],
  );
  const schemas = [
    ...new Map(
      tables.map(({ schema, tenant }) => [schema, { name: schema, ...(tenant === undefined ? {} : { tenant }) }]),
    ).values(),
  ];
  const manage = { database: false, role: false, grants: false };
  const sink = {
    name: "main.clinic",
    database: `db_${environment}`,
    applicationRole: "app role",
    manage,
    schemas,
    tables,
  };
  return { ...pipelineModel([]), service: "clinic", environment, pattern: drawn.pattern, sinks: [sink] };
}

function tableOf(sketch: TableSketch, customer: string | undefined, drawn: Drawn, environment: string): SinkTable {
  const schema = customer === undefined ? "shared place" : sinkName(customer);
  const byCustomer =
    customer === undefined &&
    drawn.pattern === "db-per-tenant" &&
    sketch.templates.some(({ kind }) => kind === "by-customer");
  const database = drawn.unknown ? {} : { database: `Db ${customer ?? ""} ${environment}` };
  const name = sketch.name;
  return {
    schema,
    name,
    staging: stagingName(name),
    procedure: procedureName(name),
    source: { ...database, schema: "dbo", table: name },
    ...(customer === undefined ? {} : { tenant: customer }),
    ...(byCustomer
      ? { tenants: Object.fromEntries(drawn.customers.map((one) => [one, drawn.unknown ? null : `Db ${one}`])) }
      : {}),
    columns: [...columnsOf(sketch), ...templatesOf(sketch, customer, drawn, environment), ...METADATA_COLUMNS],
    key: [sketch.columns[0]?.name ?? ""],
    targetExists: sketch.exists,
    onDelete: sketch.onDelete,
    stagingLogged: sketch.logged,
    transforms: [],
    notes: [],
  };
}

function columnsOf({ columns }: TableSketch): Column[] {
  return columns.map(({ name, type, nullable, renamed }, index) => ({
    name,
    type,
    nullable: index > 0 && nullable,
    origin: "source",
    source: renamed ? `${name}Source` : name,
    sourceType: "int",
  }));
}

function templatesOf(
  { columns, templates }: TableSketch,
  customer: string | undefined,
  drawn: Drawn,
  environment: string,
): Column[] {
  const taken = new Set(columns.map(({ name }) => name));
  return templates
    .filter(({ name }) => !taken.has(name) && utf8Length(name) <= 63)
    .map(({ name, kind, value }): Column => {
      const column = { name, type: "text", nullable: true, origin: "template" as const };
      if (kind === "default")
        return { ...column, default: `'${value.replaceAll("'", "''").replaceAll("\\", "/")} (x)'` };
      if (kind === "constant") return { ...column, constant: value };
      if (kind === "nothing") return { ...column, constant: null };
      if (kind === "by-customer" && customer === undefined && drawn.pattern === "db-per-tenant")
        return {
          ...column,
          constants: Object.fromEntries(
            drawn.customers.map((one, index) => [one, index === 0 ? null : `${value}${one}`]),
          ),
        };
      return {
        ...column,
        constant: customer === drawn.customers[0] ? null : `${value}${customer ?? ""}${environment}${drawn.salt}`,
      };
    });
}
