-- The database that all customers share, as SQL Server has it. A line that says GO ends a batch.
--   cdc sandbox sqlserver --init source.sql        the stand-in, for a try
--   sqlcmd -S <server> -U sa -i source.sql         a SQL Server of your own
CREATE DATABASE Platform_Dev;
GO
USE Platform_Dev;
GO
CREATE SCHEMA booking;
GO
CREATE TABLE dbo.Person (
  PersonId bigint NOT NULL PRIMARY KEY,
  CustomerId uniqueidentifier NOT NULL,
  DisplayName nvarchar(120) NOT NULL,
  PasswordHash varbinary(64) NULL,
  Photo varbinary(max) NULL,
  Rating decimal(5,3) NULL,
  LastSeen datetimeoffset(3) NULL
);
CREATE TABLE dbo.Team (
  TeamId int NOT NULL PRIMARY KEY,
  CustomerId uniqueidentifier NOT NULL,
  Name nvarchar(60) NOT NULL
);
CREATE TABLE dbo.Membership (
  CustomerId uniqueidentifier NOT NULL,
  PersonId bigint NOT NULL,
  TeamId int NOT NULL,
  Since date NOT NULL,
  PRIMARY KEY (CustomerId, PersonId, TeamId)
);
CREATE TABLE booking.Room (
  RoomCode varchar(12) NOT NULL,
  customer_id uniqueidentifier NOT NULL,
  Seats tinyint NOT NULL,
  PRIMARY KEY (RoomCode, customer_id)
);
CREATE TABLE booking.Booking (
  BookingId bigint NOT NULL PRIMARY KEY,
  customer_id uniqueidentifier NOT NULL,
  RoomCode varchar(12) NOT NULL,
  Starts smalldatetime NOT NULL,
  Length time(0) NOT NULL,
  Price smallmoney NULL,
  Agenda xml NULL
);
GO
INSERT dbo.Team VALUES
  (7, '11D0C0DE-AAAA-4B0B-8C0C-000000000001', N'Night shift'),
  (8, '22D0C0DE-BBBB-4B0B-8C0C-000000000002', N'Größe & Co');
INSERT dbo.Person VALUES
  (9007199254740993, '11D0C0DE-AAAA-4B0B-8C0C-000000000001', N'Solveig “Sol” Aune', 0xC0FFEE, 0x89504E470D0A1A0A, 4.125, '2026-04-10 09:58:12.250 +02:00'),
  (2, '22D0C0DE-BBBB-4B0B-8C0C-000000000002', N'D''Arcy Ng', NULL, NULL, NULL, NULL);
INSERT dbo.Membership VALUES
  ('11D0C0DE-AAAA-4B0B-8C0C-000000000001', 9007199254740993, 7, '2024-09-01'),
  ('22D0C0DE-BBBB-4B0B-8C0C-000000000002', 2, 8, '2025-12-24');
INSERT booking.Room VALUES
  ('A-101', '11D0C0DE-AAAA-4B0B-8C0C-000000000001', 12),
  ('A-101', '22D0C0DE-BBBB-4B0B-8C0C-000000000002', 4);
INSERT booking.Booking VALUES
  (501, '11D0C0DE-AAAA-4B0B-8C0C-000000000001', 'A-101', '2026-05-04 13:30', '01:30:00', 249.99, N'<agenda><item>Budget</item></agenda>'),
  (502, '22D0C0DE-BBBB-4B0B-8C0C-000000000002', 'A-101', '2026-05-05 08:00', '00:45:00', NULL, NULL);
GO
