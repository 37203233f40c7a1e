ALTER TABLE "usage_of_organizations" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP TABLE "usage_of_organizations" CASCADE;--> statement-breakpoint
DROP INDEX "usage_daily_day";--> statement-breakpoint
CREATE INDEX "usage_daily_day" ON "usage_daily" USING btree ("day","organization_id");--> statement-breakpoint
INSERT INTO "usage_daily" ("connection_id", "day", "device_id", "organization_id", "bytes_up", "bytes_down")
SELECT "connection_id", ("hour" AT TIME ZONE 'UTC')::date AS "day", (array_agg("device_id"))[1], min("organization_id"),
	sum("bytes_up"), sum("bytes_down")
FROM "usage_hourly" GROUP BY 1, 2 ORDER BY 2, 3, 1
ON CONFLICT ("connection_id", "day") DO UPDATE SET
	"bytes_up" = "usage_daily"."bytes_up" + excluded."bytes_up",
	"bytes_down" = "usage_daily"."bytes_down" + excluded."bytes_down";
