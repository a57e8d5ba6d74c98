-- Tables that belong to the reporting team, made before `cdc up`: target_exists: true compares and fills them,
-- and never alters or drops them. Run it in the sink database: psql -d clinic_dev -f prepare.sql
-- The columns that begin with __ are those that cdc needs to merge; LocalNote is the owner's own.

CREATE SCHEMA IF NOT EXISTS fjord;
CREATE TABLE IF NOT EXISTS fjord.treatment_code (
  code varchar(10) PRIMARY KEY,
  title varchar(200) NOT NULL,
  price numeric(8,2),
  "LocalNote" text,
  __sync_timestamp timestamptz NOT NULL DEFAULT now(),
  __source text,
  __source_db text,
  __source_table text,
  __source_ts_ms bigint,
  __cdc_operation text,
  __cdc_position bytea,
  __cdc_column_positions jsonb
);
CREATE INDEX IF NOT EXISTS treatment_code_sync ON fjord.treatment_code (__sync_timestamp);

CREATE SCHEMA IF NOT EXISTS skog;
CREATE TABLE IF NOT EXISTS skog.treatment_code (
  code varchar(10) PRIMARY KEY,
  title varchar(200) NOT NULL,
  price numeric(8,2),
  "LocalNote" text,
  __sync_timestamp timestamptz NOT NULL DEFAULT now(),
  __source text,
  __source_db text,
  __source_table text,
  __source_ts_ms bigint,
  __cdc_operation text,
  __cdc_position bytea,
  __cdc_column_positions jsonb
);
CREATE INDEX IF NOT EXISTS treatment_code_sync ON skog.treatment_code (__sync_timestamp);

CREATE SCHEMA IF NOT EXISTS elv;
CREATE TABLE IF NOT EXISTS elv.treatment_code (
  code varchar(10) PRIMARY KEY,
  title varchar(200) NOT NULL,
  price numeric(8,2),
  "LocalNote" text,
  __sync_timestamp timestamptz NOT NULL DEFAULT now(),
  __source text,
  __source_db text,
  __source_table text,
  __source_ts_ms bigint,
  __cdc_operation text,
  __cdc_position bytea,
  __cdc_column_positions jsonb
);
CREATE INDEX IF NOT EXISTS treatment_code_sync ON elv.treatment_code (__sync_timestamp);
