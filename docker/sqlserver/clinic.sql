-- A clinic's source database for examples/db-per-tenant, with CDC enabled. Safe to repeat; run it once per customer:
--   sqlcmd -C -b -S localhost -U sa -v customer=Fjord -i /sample/clinic.sql
-- Columns and types are those of services/_schemas/clinic/dbo; "varchar" and "nvarchar" without a length hold one
-- character in a column, so Email and Title are given one here.
SET NOCOUNT ON;
GO
IF DB_ID(N'Clinic_$(customer)_Dev') IS NULL CREATE DATABASE [Clinic_$(customer)_Dev];
GO
USE [Clinic_$(customer)_Dev];
GO
-- Where Redpanda Connect keeps how far it has read.
IF SCHEMA_ID(N'rpcn') IS NULL EXEC (N'CREATE SCHEMA rpcn');
GO
IF OBJECT_ID(N'dbo.Patient') IS NULL
BEGIN
  CREATE TABLE dbo.Patient (
    PatientNo int NOT NULL PRIMARY KEY,
    Name nvarchar(80) NOT NULL,
    NationalId char(11) NULL,
    BirthDate date NULL,
    Email varchar(200) NULL,
    Balance money NOT NULL,
    Consent bit NOT NULL,
    Journal nvarchar(max) NULL,
    ChangedAt datetime2(7) NOT NULL DEFAULT sysutcdatetime()
  );
  CREATE TABLE dbo.Staff (
    StaffNo smallint NOT NULL PRIMARY KEY,
    FullName nvarchar(100) NOT NULL,
    Title nvarchar(100) NULL,
    HiredOn date NULL
  );
  CREATE TABLE dbo.TreatmentCode (
    Code varchar(10) NOT NULL,
    Title nvarchar(200) NOT NULL,
    Price decimal(8,2) NULL,
    InternalRemark nvarchar(400) NULL
  );
  CREATE UNIQUE INDEX TreatmentCode_Code ON dbo.TreatmentCode (Code);
  CREATE TABLE dbo.Visit (
    VisitId uniqueidentifier NOT NULL PRIMARY KEY,
    PatientNo int NOT NULL,
    StaffNo smallint NULL,
    StartedAt datetime NOT NULL,
    Minutes smallint NOT NULL,
    Room nchar(4) NULL,
    Fee decimal(8,2) NOT NULL,
    FeeWithTax AS Fee * 1.25
  );
  CREATE TABLE dbo.VisitLine (
    VisitId uniqueidentifier NOT NULL,
    LineNo tinyint NOT NULL,
    Code varchar(10) NOT NULL,
    Quantity decimal(9,3) NOT NULL,
    Remark nvarchar(400) NULL,
    PRIMARY KEY (VisitId, LineNo)
  );
END;
GO
IF NOT EXISTS (SELECT * FROM sys.databases WHERE name = DB_NAME() AND is_cdc_enabled = 1) EXEC sys.sp_cdc_enable_db;
GO
-- One capture instance per table, for the columns that exist now; NationalId never leaves the database.
IF NOT EXISTS (SELECT * FROM cdc.change_tables WHERE capture_instance = N'dbo_Patient')
  EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'Patient', @role_name = NULL,
    @supports_net_changes = 0,
    @captured_column_list = N'PatientNo, Name, BirthDate, Email, Balance, Consent, Journal, ChangedAt';
IF NOT EXISTS (SELECT * FROM cdc.change_tables WHERE capture_instance = N'dbo_Staff')
  EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'Staff', @role_name = NULL,
    @supports_net_changes = 0;
IF NOT EXISTS (SELECT * FROM cdc.change_tables WHERE capture_instance = N'dbo_TreatmentCode')
  EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'TreatmentCode', @role_name = NULL,
    @supports_net_changes = 0, @index_name = N'TreatmentCode_Code';
IF NOT EXISTS (SELECT * FROM cdc.change_tables WHERE capture_instance = N'dbo_Visit')
  EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'Visit', @role_name = NULL,
    @supports_net_changes = 0;
IF NOT EXISTS (SELECT * FROM cdc.change_tables WHERE capture_instance = N'dbo_VisitLine')
  EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'VisitLine', @role_name = NULL,
    @supports_net_changes = 0;
GO
-- A few rows. They are changes like any other: captured after the tables were enabled above.
IF NOT EXISTS (SELECT * FROM dbo.Patient)
BEGIN
  INSERT dbo.TreatmentCode (Code, Title, Price) VALUES ('CONS20', N'Consultation, 20 minutes', 410.00), ('BLOOD', N'Blood sample', 95.50);
  INSERT dbo.Staff (StaffNo, FullName, Title, HiredOn) VALUES (11, N'Ingrid Måløy', N'Physician', '2019-08-01');
  INSERT dbo.Patient (PatientNo, Name, BirthDate, Balance, Consent) VALUES (1, N'Åse Sæther', '1971-05-17', 0, 1), (2, N'Ole Vik', '1990-12-03', 120.50, 0);
  DECLARE @visit uniqueidentifier = NEWID();
  INSERT dbo.Visit (VisitId, PatientNo, StaffNo, StartedAt, Minutes, Room, Fee) VALUES (@visit, 1, 11, '2026-01-05T08:30:00', 20, N'A101', 410.00);
  INSERT dbo.VisitLine (VisitId, LineNo, Code, Quantity) VALUES (@visit, 1, 'CONS20', 1);
  UPDATE dbo.Patient SET Balance = Balance + 410.00 WHERE PatientNo = 1;
END;
GO
SELECT capture_instance, start_lsn FROM cdc.change_tables ORDER BY capture_instance;
GO
