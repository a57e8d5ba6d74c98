CREATE DATABASE shop;
GO
USE shop;
GO
CREATE TABLE dbo.Persons (Id int NOT NULL PRIMARY KEY, Name nvarchar(50) NOT NULL);
CREATE TABLE dbo.Orders (Id int NOT NULL PRIMARY KEY, PersonId int NOT NULL, Total decimal(10, 2) NOT NULL);
CREATE TABLE dbo.Customers (Id int NOT NULL PRIMARY KEY, PersonId int NOT NULL, Since date NOT NULL);
GO
INSERT INTO dbo.Persons VALUES (1, N'Åse'), (2, N'Bo');
INSERT INTO dbo.Orders VALUES (10, 1, 99.50), (11, 2, 5.25);
INSERT INTO dbo.Customers VALUES (100, 1, '2026-01-02');
GO
