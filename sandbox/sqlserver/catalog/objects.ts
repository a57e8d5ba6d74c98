import { DEFAULT_COLLATION } from "../values/collation";
import { familyOf, isTypeName, nvarchar, T } from "../values/sql-type";
import type { Column } from "../storage/column";
import type { Table } from "../storage/table";
import { digitsOf, maxLengthOf, TYPE_IDS } from "./type-ids";
import { bit, datetimeOf, view, type CatalogView, type ViewRow } from "./view";

function tableRow(table: Table): ViewRow {
  return {
    name: table.name,
    object_id: table.id,
    principal_id: null,
    schema_id: table.schema.id,
    parent_object_id: 0,
    type: "U ",
    type_desc: "USER_TABLE",
    create_date: datetimeOf(table.createdAt),
    modify_date: datetimeOf(table.modifiedAt),
    is_ms_shipped: bit(table.msShipped),
    is_published: 0,
    is_schema_published: 0,
    max_column_id_used: Math.max(0, ...table.columns.map(({ id }) => id)),
    lob_data_space_id: 0,
    is_replicated: bit(table.database.cdc?.tracks(table) ?? false),
    is_tracked_by_cdc: bit(table.database.cdc?.tracks(table) ?? false),
    is_memory_optimized: 0,
    durability: 0,
    temporal_type: 0,
    temporal_type_desc: "NON_TEMPORAL_TABLE",
    is_external: 0,
    is_node: 0,
    is_edge: 0,
    is_filetable: 0,
  };
}

const OBJECT_COLUMNS =
  "name:name object_id:int principal_id:int schema_id:int parent_object_id:int type:char2 type_desc:desc create_date:time modify_date:time is_ms_shipped:bit is_published:bit is_schema_published:bit";

function* objects(tables: Iterable<Table>): Generator<ViewRow> {
  for (const table of tables) {
    yield tableRow(table);
    const part = (name: string, id: number, type: string, description: string): ViewRow => ({
      ...tableRow(table),
      name,
      object_id: id,
      parent_object_id: table.id,
      type,
      type_desc: description,
    });
    for (const { shape } of table.indexes) {
      if (shape.constraintId === undefined) continue;
      yield part(
        shape.name,
        shape.constraintId,
        shape.primaryKey ? "PK" : "UQ",
        shape.primaryKey ? "PRIMARY_KEY_CONSTRAINT" : "UNIQUE_CONSTRAINT",
      );
    }
    for (const { name, id } of table.checks) yield part(name, id, "C ", "CHECK_CONSTRAINT");
    for (const { name, id } of table.foreignKeys) yield part(name, id, "F ", "FOREIGN_KEY_CONSTRAINT");
    for (const column of table.columns)
      if (column.default) yield part(column.default.name, column.default.id, "D ", "DEFAULT_CONSTRAINT");
  }
}

function columnRow(table: Table, column: Column): ViewRow {
  const { type } = column;
  const ids = TYPE_IDS[type.name];
  const isText = familyOf(type) === "text" && type.name !== "xml";
  return {
    object_id: table.id,
    name: column.name,
    column_id: column.id,
    system_type_id: ids.system,
    user_type_id: ids.user,
    max_length: maxLengthOf(type),
    ...digitsOf(type),
    collation_name: isText ? (type.collation ?? DEFAULT_COLLATION) : null,
    is_nullable: bit(column.nullable),
    is_ansi_padded: bit(isText || familyOf(type) === "binary"),
    is_rowguidcol: 0,
    is_identity: bit(column.identity),
    is_computed: bit(column.computed !== undefined),
    is_filestream: 0,
    is_replicated: 0,
    is_xml_document: 0,
    xml_collection_id: 0,
    default_object_id: column.default?.id ?? 0,
    rule_object_id: 0,
    is_sparse: 0,
    is_column_set: 0,
    generated_always_type: 0,
    is_hidden: 0,
    is_masked: 0,
  };
}

const COLUMN_COLUMNS =
  "object_id:int name:name column_id:int system_type_id:tiny user_type_id:int max_length:small precision:tiny scale:tiny collation_name:name is_nullable:bit is_ansi_padded:bit is_rowguidcol:bit is_identity:bit is_computed:bit is_filestream:bit is_replicated:bit is_xml_document:bit xml_collection_id:int default_object_id:int rule_object_id:int is_sparse:bit is_column_set:bit generated_always_type:tiny is_hidden:bit is_masked:bit";

const integer = (value: bigint | undefined) => (value === undefined ? null : { base: T.bigint, value });

/** Views of tables and columns in schema sys. */
export const OBJECT_VIEWS: Readonly<Record<string, CatalogView>> = {
  schemas: view("name:name schema_id:int principal_id:int", function* ({ schemas }) {
    for (const { name, id } of schemas.values()) yield { name, schema_id: id, principal_id: name === "cdc" ? 5 : 1 };
  }),
  tables: view(
    `${OBJECT_COLUMNS} lob_data_space_id:int max_column_id_used:int is_replicated:bit is_tracked_by_cdc:bit is_memory_optimized:bit durability:tiny temporal_type:tiny temporal_type_desc:desc is_external:bit is_node:bit is_edge:bit is_filetable:bit`,
    function* (database) {
      for (const table of database.tables()) yield tableRow(table);
    },
  ),
  objects: view(OBJECT_COLUMNS, (database) => objects(database.tables())),
  all_objects: view(OBJECT_COLUMNS, (database) => objects(database.tables())),
  views: view(OBJECT_COLUMNS, () => []),
  triggers: view(OBJECT_COLUMNS, () => []),
  procedures: view(OBJECT_COLUMNS, () => []),
  columns: view(COLUMN_COLUMNS, function* (database) {
    for (const table of database.tables()) for (const column of table.columns) yield columnRow(table, column);
  }),
  all_columns: view(COLUMN_COLUMNS, function* (database) {
    for (const table of database.tables()) for (const column of table.columns) yield columnRow(table, column);
  }),
  computed_columns: view(
    `${COLUMN_COLUMNS} definition:text uses_database_collation:bit is_persisted:bit`,
    function* (database) {
      for (const table of database.tables()) {
        for (const column of table.columns) {
          if (!column.computed) continue;
          const { text, persisted } = column.computed;
          yield {
            ...columnRow(table, column),
            definition: text,
            uses_database_collation: 1,
            is_persisted: bit(persisted),
          };
        }
      }
    },
  ),
  identity_columns: view(
    `${COLUMN_COLUMNS} seed_value:variant increment_value:variant last_value:variant is_not_for_replication:bit`,
    function* (database) {
      for (const table of database.tables()) {
        const { identity } = table;
        const column = table.columns.find((one) => one.identity);
        if (!identity || !column) continue;
        yield {
          ...columnRow(table, column),
          seed_value: integer(identity.seed),
          increment_value: integer(identity.increment),
          last_value: integer(identity.last),
          is_not_for_replication: 0,
        };
      }
    },
  ),
  types: view(
    "name:name system_type_id:tiny user_type_id:int schema_id:int principal_id:int max_length:small precision:tiny scale:tiny collation_name:name is_nullable:bit is_user_defined:bit is_assembly_type:bit default_object_id:int rule_object_id:int is_table_type:bit",
    function* () {
      for (const [name, ids] of Object.entries(TYPE_IDS)) {
        const isText =
          isTypeName(name) && familyOf({ name, length: 0, precision: 0, scale: 0 }) === "text" && name !== "xml";
        yield typeRow(name, ids, isText);
        if (name === "nvarchar") yield typeRow("sysname", { ...ids, user: 256, maxLength: 256 }, true);
      }
    },
  ),
  default_constraints: view(
    `${OBJECT_COLUMNS} parent_column_id:int definition:text is_system_named:bit`,
    function* (database) {
      for (const table of database.tables()) {
        for (const column of table.columns) {
          if (!column.default) continue;
          const { name, id, text } = column.default;
          yield {
            ...tableRow(table),
            name,
            object_id: id,
            parent_object_id: table.id,
            type: "D ",
            type_desc: "DEFAULT_CONSTRAINT",
            parent_column_id: column.id,
            definition: text,
            is_system_named: 0,
          };
        }
      }
    },
  ),
  extended_properties: view(
    "class:tiny class_desc:desc major_id:int minor_id:int name:name value:variant",
    function* ({ extendedProperties }) {
      for (const { name, tableId, columnId, value } of extendedProperties) {
        yield {
          class: 1,
          class_desc: "OBJECT_OR_COLUMN",
          major_id: tableId,
          minor_id: columnId,
          name,
          value: { base: nvarchar(4000), value },
        };
      }
    },
  ),
};

function typeRow(name: string, ids: (typeof TYPE_IDS)["int"], isText: boolean): ViewRow {
  return {
    name,
    system_type_id: ids.system,
    user_type_id: ids.user,
    schema_id: 4,
    max_length: ids.maxLength,
    precision: ids.precision,
    scale: ids.scale,
    collation_name: isText ? DEFAULT_COLLATION : null,
    is_nullable: bit(name !== "timestamp" && name !== "sysname"),
    is_user_defined: 0,
    is_assembly_type: bit(ids.system === 240),
    default_object_id: 0,
    rule_object_id: 0,
    is_table_type: 0,
  };
}
