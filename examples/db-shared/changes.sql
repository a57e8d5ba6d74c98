-- Changes to be made while `cdc run` streams.
USE Platform_Dev;
GO
-- Photo, which is large, isn't touched: it stays as it is in PostgreSQL, too.
UPDATE dbo.Person SET Rating = 4.5 WHERE PersonId = 9007199254740993;
-- Another key.
UPDATE dbo.Membership SET TeamId = 7 WHERE PersonId = 2;
DELETE dbo.Membership WHERE PersonId = 9007199254740993;
GO
BEGIN TRANSACTION;
UPDATE booking.Booking SET Starts = '2026-05-04 14:00' WHERE BookingId = 501;
-- Deleted bookings stay in PostgreSQL, marked.
DELETE booking.Booking WHERE BookingId = 502;
INSERT booking.Booking VALUES
  (503, '11D0C0DE-AAAA-4B0B-8C0C-000000000001', 'A-101', '2026-05-06 10:00', '01:00:00', 0, N'<agenda/>');
COMMIT;
GO
