import type { Table } from "../storage/table";
import type { TableIndex } from "../storage/table-index";
import { bit, datetimeOf, view, type CatalogView, type ViewRow } from "./view";

function indexRow(table: Table, { shape }: TableIndex): ViewRow {
  return {
    object_id: table.id,
    name: shape.name,
    index_id: shape.id,
    type: shape.clustered ? 1 : 2,
    type_desc: shape.clustered ? "CLUSTERED" : "NONCLUSTERED",
    is_unique: bit(shape.unique),
    data_space_id: 1,
    ignore_dup_key: 0,
    is_primary_key: bit(shape.primaryKey),
    is_unique_constraint: bit(shape.uniqueConstraint),
    fill_factor: 0,
    is_padded: 0,
    is_disabled: 0,
    is_hypothetical: 0,
    allow_row_locks: 1,
    allow_page_locks: 1,
    has_filter: 0,
  };
}

function* indexColumns(table: Table, { shape }: TableIndex): Generator<ViewRow> {
  let id = 0;
  for (const [i, { column, descending }] of shape.columns.entries()) {
    yield {
      object_id: table.id,
      index_id: shape.id,
      index_column_id: ++id,
      column_id: column.id,
      key_ordinal: i + 1,
      partition_ordinal: 0,
      is_descending_key: bit(descending),
      is_included_column: 0,
    };
  }
  for (const name of shape.included) {
    const column = table.column(name);
    if (column)
      yield {
        object_id: table.id,
        index_id: shape.id,
        index_column_id: ++id,
        column_id: column.id,
        key_ordinal: 0,
        partition_ordinal: 0,
        is_descending_key: 0,
        is_included_column: 1,
      };
  }
}

const CONSTRAINT =
  "name:name object_id:int principal_id:int schema_id:int parent_object_id:int type:char2 type_desc:desc create_date:time modify_date:time is_ms_shipped:bit is_published:bit is_schema_published:bit";

function constraintRow(table: Table, name: string, id: number, type: string, description: string): ViewRow {
  const at = datetimeOf(table.createdAt);
  return {
    name,
    object_id: id,
    schema_id: table.schema.id,
    parent_object_id: table.id,
    type,
    type_desc: description,
    create_date: at,
    modify_date: at,
    is_ms_shipped: bit(table.msShipped),
    is_published: 0,
    is_schema_published: 0,
  };
}

/** Views of indexes and constraints in schema sys. */
export const KEY_VIEWS: Readonly<Record<string, CatalogView>> = {
  indexes: view(
    "object_id:int name:name index_id:int type:tiny type_desc:desc is_unique:bit data_space_id:int ignore_dup_key:bit is_primary_key:bit is_unique_constraint:bit fill_factor:tiny is_padded:bit is_disabled:bit is_hypothetical:bit allow_row_locks:bit allow_page_locks:bit has_filter:bit filter_definition:text",
    function* (database) {
      for (const table of database.tables()) {
        if (!table.clustered) {
          yield {
            object_id: table.id,
            index_id: 0,
            type: 0,
            type_desc: "HEAP",
            is_unique: 0,
            data_space_id: 1,
            ignore_dup_key: 0,
            is_primary_key: 0,
            is_unique_constraint: 0,
            fill_factor: 0,
            is_padded: 0,
            is_disabled: 0,
            is_hypothetical: 0,
            allow_row_locks: 1,
            allow_page_locks: 1,
            has_filter: 0,
          };
        }
        for (const index of table.indexes) yield indexRow(table, index);
      }
    },
  ),
  index_columns: view(
    "object_id:int index_id:int index_column_id:int column_id:int key_ordinal:tiny partition_ordinal:tiny is_descending_key:bit is_included_column:bit",
    function* (database) {
      for (const table of database.tables()) for (const index of table.indexes) yield* indexColumns(table, index);
    },
  ),
  key_constraints: view(`${CONSTRAINT} unique_index_id:int is_system_named:bit is_enforced:bit`, function* (database) {
    for (const table of database.tables()) {
      for (const { shape } of table.indexes) {
        if (shape.constraintId === undefined) continue;
        const type = shape.primaryKey ? "PK" : "UQ";
        const description = shape.primaryKey ? "PRIMARY_KEY_CONSTRAINT" : "UNIQUE_CONSTRAINT";
        yield {
          ...constraintRow(table, shape.name, shape.constraintId, type, description),
          unique_index_id: shape.id,
          is_system_named: 0,
          is_enforced: 1,
        };
      }
    }
  }),
  check_constraints: view(
    `${CONSTRAINT} is_disabled:bit is_not_trusted:bit parent_column_id:int definition:text is_system_named:bit`,
    function* (database) {
      for (const table of database.tables()) {
        for (const { name, id, text, enabled } of table.checks) {
          yield {
            ...constraintRow(table, name, id, "C ", "CHECK_CONSTRAINT"),
            is_disabled: bit(!enabled),
            is_not_trusted: bit(!enabled),
            parent_column_id: 0,
            definition: text,
            is_system_named: 0,
          };
        }
      }
    },
  ),
  foreign_keys: view(
    `${CONSTRAINT} referenced_object_id:int key_index_id:int is_disabled:bit is_not_trusted:bit delete_referential_action:tiny delete_referential_action_desc:desc update_referential_action:tiny update_referential_action_desc:desc`,
    function* (database) {
      for (const table of database.tables()) {
        for (const { name, id, targetId, enabled } of table.foreignKeys) {
          yield {
            ...constraintRow(table, name, id, "F ", "FOREIGN_KEY_CONSTRAINT"),
            referenced_object_id: targetId,
            key_index_id: 1,
            is_disabled: bit(!enabled),
            is_not_trusted: bit(!enabled),
            delete_referential_action: 0,
            delete_referential_action_desc: "NO_ACTION",
            update_referential_action: 0,
            update_referential_action_desc: "NO_ACTION",
          };
        }
      }
    },
  ),
  foreign_key_columns: view(
    "constraint_object_id:int constraint_column_id:int parent_object_id:int parent_column_id:int referenced_object_id:int referenced_column_id:int",
    function* (database) {
      for (const table of database.tables()) {
        for (const key of table.foreignKeys) {
          const target = database.tableById(key.targetId);
          for (const [i, name] of key.columns.entries()) {
            yield {
              constraint_object_id: key.id,
              constraint_column_id: i + 1,
              parent_object_id: table.id,
              parent_column_id: table.column(name)?.id ?? null,
              referenced_object_id: key.targetId,
              referenced_column_id: target?.column(key.targetColumns[i] ?? "")?.id ?? null,
            };
          }
        }
      }
    },
  ),
};
