-- The three clinics as SQL Server has them: databases, tables, some rows. A line that says GO ends a batch.
--   cdc sandbox sqlserver --init source.sql        the stand-in, for a try
--   sqlcmd -S <server> -U sa -i source.sql         a SQL Server of your own
CREATE DATABASE Clinic_Fjord_Dev;
GO
USE Clinic_Fjord_Dev;
GO
CREATE TABLE dbo.Patient (
  PatientNo int NOT NULL PRIMARY KEY,
  Name nvarchar(80) NOT NULL,
  NationalId char(11) NULL,
  BirthDate date NULL,
  Email varchar(254) NULL,
  Balance money NOT NULL,
  Consent bit NOT NULL,
  Journal nvarchar(max) NULL,
  ChangedAt datetime2(7) NOT NULL
);
CREATE TABLE dbo.Staff (
  StaffNo smallint NOT NULL PRIMARY KEY,
  FullName nvarchar(100) NOT NULL,
  Title nvarchar(60) NULL,
  HiredOn date NULL
);
CREATE TABLE dbo.TreatmentCode (
  Code varchar(10) NOT NULL,
  Title nvarchar(200) NOT NULL,
  Price decimal(8,2) NULL,
  InternalRemark nvarchar(400) NULL
);
CREATE UNIQUE INDEX ux_TreatmentCode ON dbo.TreatmentCode (Code);
CREATE TABLE dbo.Visit (
  VisitId uniqueidentifier NOT NULL PRIMARY KEY,
  PatientNo int NOT NULL,
  StaffNo smallint NULL,
  StartedAt datetime NOT NULL,
  Minutes smallint NOT NULL,
  Room nchar(4) NULL,
  Fee decimal(8,2) NOT NULL,
  FeeWithTax AS CAST(Fee * 1.25 AS decimal(10,2))
);
CREATE TABLE dbo.VisitLine (
  VisitId uniqueidentifier NOT NULL,
  [LineNo] tinyint NOT NULL,
  Code varchar(10) NOT NULL,
  Quantity decimal(9,3) NOT NULL,
  Remark nvarchar(400) NULL,
  PRIMARY KEY (VisitId, [LineNo])
);
GO
INSERT dbo.TreatmentCode VALUES
  ('CONS20', N'Consultation, 20 minutes', 410.00, NULL),
  ('BLOOD', N'Blood sample', 95.50, N'price agreed yearly');
INSERT dbo.Staff VALUES (11, N'Ingrid Måløy', N'Physician', '2019-08-01'), (12, N'Tarjei Ødegård', N'Nurse', '2023-01-16');
INSERT dbo.Patient VALUES
  (1001, N'Åse Brekke', '30115812345', '1958-11-30', 'ase@brekke.example', 0, 1, N'Known since 2012.', '2026-03-02 09:03:00.1234567'),
  (1002, N'Jon O''Hara', NULL, '1990-02-28', NULL, 1250.5, 0, NULL, '2026-03-02 09:03:00.7654321'),
  (1003, N'Test Person', NULL, NULL, NULL, 0, 0, NULL, '2026-03-02 09:03:01');
INSERT dbo.Visit (VisitId, PatientNo, StaffNo, StartedAt, Minutes, Room, Fee) VALUES
  ('5D3B8C2E-7F14-4A0B-9E2D-0C6A1B2F3E01', 1001, 11, '2026-03-02 10:15:00.003', 20, N'A1', 410.00),
  ('5D3B8C2E-7F14-4A0B-9E2D-0C6A1B2F3E02', 1002, 12, '2026-03-02 10:45:00.997', 5, N'B2', 95.50);
INSERT dbo.VisitLine VALUES
  ('5D3B8C2E-7F14-4A0B-9E2D-0C6A1B2F3E01', 1, 'CONS20', 1, NULL),
  ('5D3B8C2E-7F14-4A0B-9E2D-0C6A1B2F3E01', 2, 'BLOOD', 2.5, N'both arms'),
  ('5D3B8C2E-7F14-4A0B-9E2D-0C6A1B2F3E02', 1, 'BLOOD', 1, NULL);
GO

CREATE DATABASE Clinic_Skog_Dev;
GO
USE Clinic_Skog_Dev;
GO
CREATE TABLE dbo.Patient (
  PatientNo int NOT NULL PRIMARY KEY,
  Name nvarchar(80) NOT NULL,
  NationalId char(11) NULL,
  BirthDate date NULL,
  Email varchar(254) NULL,
  Balance money NOT NULL,
  Consent bit NOT NULL,
  Journal nvarchar(max) NULL,
  ChangedAt datetime2(7) NOT NULL
);
CREATE TABLE dbo.Staff (
  StaffNo smallint NOT NULL PRIMARY KEY,
  FullName nvarchar(100) NOT NULL,
  Title nvarchar(60) NULL,
  HiredOn date NULL
);
CREATE TABLE dbo.TreatmentCode (
  Code varchar(10) NOT NULL,
  Title nvarchar(200) NOT NULL,
  Price decimal(8,2) NULL,
  InternalRemark nvarchar(400) NULL
);
CREATE UNIQUE INDEX ux_TreatmentCode ON dbo.TreatmentCode (Code);
CREATE TABLE dbo.Visit (
  VisitId uniqueidentifier NOT NULL PRIMARY KEY,
  PatientNo int NOT NULL,
  StaffNo smallint NULL,
  StartedAt datetime NOT NULL,
  Minutes smallint NOT NULL,
  Room nchar(4) NULL,
  Fee decimal(8,2) NOT NULL,
  FeeWithTax AS CAST(Fee * 1.25 AS decimal(10,2))
);
CREATE TABLE dbo.VisitLine (
  VisitId uniqueidentifier NOT NULL,
  [LineNo] tinyint NOT NULL,
  Code varchar(10) NOT NULL,
  Quantity decimal(9,3) NOT NULL,
  Remark nvarchar(400) NULL,
  PRIMARY KEY (VisitId, [LineNo])
);
GO
INSERT dbo.TreatmentCode VALUES ('CONS20', N'Consultation', 395.00, NULL);
INSERT dbo.Staff VALUES (11, N'Liv Granli', N'Physician', '2015-05-04');
INSERT dbo.Patient VALUES
  (1001, N'Mathias Lie', NULL, '2001-07-15', 'm.lie@skog.example', -80.25, 1, NULL, '2026-03-02 09:02:00');
INSERT dbo.Visit (VisitId, PatientNo, StaffNo, StartedAt, Minutes, Room, Fee) VALUES
  ('A0E4D1B7-2C55-4D1F-8B6A-77E0C9F4D201', 1001, 11, '2026-03-02 12:00:00', 45, N'1', 395.00);
INSERT dbo.VisitLine VALUES ('A0E4D1B7-2C55-4D1F-8B6A-77E0C9F4D201', 1, 'CONS20', 1, NULL);
GO

CREATE DATABASE Clinic_Elv_Dev;
GO
USE Clinic_Elv_Dev;
GO
CREATE TABLE dbo.Patient (
  PatientNo int NOT NULL PRIMARY KEY,
  Name nvarchar(80) NOT NULL,
  NationalId char(11) NULL,
  BirthDate date NULL,
  Email varchar(254) NULL,
  Balance money NOT NULL,
  Consent bit NOT NULL,
  Journal nvarchar(max) NULL,
  ChangedAt datetime2(7) NOT NULL
);
CREATE TABLE dbo.Staff (
  StaffNo smallint NOT NULL PRIMARY KEY,
  FullName nvarchar(100) NOT NULL,
  Title nvarchar(60) NULL,
  HiredOn date NULL
);
CREATE TABLE dbo.TreatmentCode (
  Code varchar(10) NOT NULL,
  Title nvarchar(200) NOT NULL,
  Price decimal(8,2) NULL,
  InternalRemark nvarchar(400) NULL
);
CREATE UNIQUE INDEX ux_TreatmentCode ON dbo.TreatmentCode (Code);
CREATE TABLE dbo.Visit (
  VisitId uniqueidentifier NOT NULL PRIMARY KEY,
  PatientNo int NOT NULL,
  StaffNo smallint NULL,
  StartedAt datetime NOT NULL,
  Minutes smallint NOT NULL,
  Room nchar(4) NULL,
  Fee decimal(8,2) NOT NULL,
  FeeWithTax AS CAST(Fee * 1.25 AS decimal(10,2))
);
CREATE TABLE dbo.VisitLine (
  VisitId uniqueidentifier NOT NULL,
  [LineNo] tinyint NOT NULL,
  Code varchar(10) NOT NULL,
  Quantity decimal(9,3) NOT NULL,
  Remark nvarchar(400) NULL,
  PRIMARY KEY (VisitId, [LineNo])
);
GO
INSERT dbo.Staff VALUES (1, N'Bo Élan', N'Physician', NULL);
INSERT dbo.Patient VALUES
  (1, N'Kari Nordmann', NULL, '1985-05-17', 'kari@elv.example', 10.0001, 1, N'x', '2026-03-02 09:02:00');
GO
