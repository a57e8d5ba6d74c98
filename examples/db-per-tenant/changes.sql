-- A morning at the clinics, to be run while `cdc run` streams. Each batch is a few transactions.
USE Clinic_Fjord_Dev;
GO
UPDATE dbo.Patient SET Balance = 0, Consent = 1, ChangedAt = '2026-03-02 09:06:00.0000001' WHERE PatientNo = 1002;
-- Journal, which is large, isn't touched: it stays as it is in PostgreSQL, too.
UPDATE dbo.Patient SET Email = 'ase.brekke@mail.example', ChangedAt = '2026-03-02 09:07:00.5' WHERE PatientNo = 1001;
-- Another key.
UPDATE dbo.Staff SET StaffNo = 14, Title = N'Head nurse' WHERE StaffNo = 12;
GO
BEGIN TRANSACTION;
DELETE dbo.Patient WHERE PatientNo = 1003;
-- Deleted lines stay in PostgreSQL, marked.
DELETE dbo.VisitLine WHERE VisitId = '5D3B8C2E-7F14-4A0B-9E2D-0C6A1B2F3E01' AND [LineNo] = 2;
COMMIT;
UPDATE dbo.TreatmentCode SET Price = 102 WHERE Code = 'BLOOD';
GO
USE Clinic_Skog_Dev;
GO
UPDATE dbo.Patient SET Journal = REPLICATE(CAST(N'Referred from the emergency room. ' AS nvarchar(max)), 3) WHERE PatientNo = 1001;
GO
USE Clinic_Elv_Dev;
GO
-- Deleted, and there again.
DELETE dbo.Patient WHERE PatientNo = 1;
INSERT dbo.Patient (PatientNo, Name, BirthDate, Email, Balance, Consent, ChangedAt)
VALUES (1, N'Kari Nordmann-Lien', '1985-05-17', 'kari@elv.example', 10.0001, 1, '2026-03-02 09:04:00');
GO
