import { familyOf } from "../values/sql-type";
import { digitsOf, maxLengthOf } from "./type-ids";
import { view, type CatalogView } from "./view";

/** Views of INFORMATION_SCHEMA. */
export const INFORMATION_VIEWS: Readonly<Record<string, CatalogView>> = {
  schemata: view("CATALOG_NAME:name SCHEMA_NAME:name SCHEMA_OWNER:name", function* (database) {
    for (const { name } of database.schemas.values())
      yield { CATALOG_NAME: database.name, SCHEMA_NAME: name, SCHEMA_OWNER: "dbo" };
  }),
  tables: view("TABLE_CATALOG:name TABLE_SCHEMA:name TABLE_NAME:name TABLE_TYPE:name", function* (database) {
    for (const table of database.tables()) {
      yield {
        TABLE_CATALOG: database.name,
        TABLE_SCHEMA: table.schema.name,
        TABLE_NAME: table.name,
        TABLE_TYPE: "BASE TABLE",
      };
    }
  }),
  columns: view(
    "TABLE_CATALOG:name TABLE_SCHEMA:name TABLE_NAME:name COLUMN_NAME:name ORDINAL_POSITION:int COLUMN_DEFAULT:text IS_NULLABLE:name DATA_TYPE:name CHARACTER_MAXIMUM_LENGTH:int CHARACTER_OCTET_LENGTH:int NUMERIC_PRECISION:tiny NUMERIC_SCALE:int DATETIME_PRECISION:small COLLATION_NAME:name",
    function* (database) {
      for (const table of database.tables()) {
        for (const [i, { name, type, nullable, default: given }] of table.columns.entries()) {
          const family = familyOf(type);
          const hasLength = family === "text" || (family === "binary" && type.name !== "timestamp");
          const isNumber = family === "integer" || family === "decimal" || family === "float";
          const { precision, scale } = digitsOf(type);
          yield {
            TABLE_CATALOG: database.name,
            TABLE_SCHEMA: table.schema.name,
            TABLE_NAME: table.name,
            COLUMN_NAME: name,
            ORDINAL_POSITION: i + 1,
            COLUMN_DEFAULT: given?.text ?? null,
            IS_NULLABLE: nullable ? "YES" : "NO",
            DATA_TYPE: type.name,
            CHARACTER_MAXIMUM_LENGTH: hasLength ? type.length || 2_147_483_647 : null,
            CHARACTER_OCTET_LENGTH: hasLength ? maxLengthOf(type) : null,
            NUMERIC_PRECISION: isNumber && type.name !== "bit" ? precision : null,
            NUMERIC_SCALE: isNumber && family !== "float" && type.name !== "bit" ? scale : null,
            DATETIME_PRECISION: family === "time" ? scale : null,
            COLLATION_NAME:
              family === "text" && type.name !== "xml" ? (type.collation ?? "SQL_Latin1_General_CP1_CI_AS") : null,
          };
        }
      }
    },
  ),
  table_constraints: view(
    "CONSTRAINT_CATALOG:name CONSTRAINT_SCHEMA:name CONSTRAINT_NAME:name TABLE_CATALOG:name TABLE_SCHEMA:name TABLE_NAME:name CONSTRAINT_TYPE:name",
    function* (database) {
      for (const table of database.tables()) {
        const row = (name: string, type: string) => ({
          CONSTRAINT_CATALOG: database.name,
          CONSTRAINT_SCHEMA: table.schema.name,
          CONSTRAINT_NAME: name,
          TABLE_CATALOG: database.name,
          TABLE_SCHEMA: table.schema.name,
          TABLE_NAME: table.name,
          CONSTRAINT_TYPE: type,
        });
        for (const { shape } of table.indexes)
          if (shape.constraintId !== undefined) yield row(shape.name, shape.primaryKey ? "PRIMARY KEY" : "UNIQUE");
        for (const { name } of table.checks) yield row(name, "CHECK");
        for (const { name } of table.foreignKeys) yield row(name, "FOREIGN KEY");
      }
    },
  ),
  key_column_usage: view(
    "CONSTRAINT_NAME:name TABLE_SCHEMA:name TABLE_NAME:name COLUMN_NAME:name ORDINAL_POSITION:int",
    function* (database) {
      for (const table of database.tables()) {
        for (const { shape } of table.indexes) {
          if (shape.constraintId === undefined) continue;
          for (const [i, { column }] of shape.columns.entries()) {
            yield {
              CONSTRAINT_NAME: shape.name,
              TABLE_SCHEMA: table.schema.name,
              TABLE_NAME: table.name,
              COLUMN_NAME: column.name,
              ORDINAL_POSITION: i + 1,
            };
          }
        }
      }
    },
  ),
};
