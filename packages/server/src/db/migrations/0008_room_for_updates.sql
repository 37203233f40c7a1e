-- Rows that change every few seconds: with room on their page, an update touches no index and leaves no bloat behind.
ALTER TABLE "connections" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "devices" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "relays" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "usage_hourly" SET (fillfactor = 90);--> statement-breakpoint
ALTER TABLE "usage_daily" SET (fillfactor = 80);
