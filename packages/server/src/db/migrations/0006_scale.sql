CREATE TABLE "usage_of_organizations" (
	"day" date NOT NULL,
	"organization_id" text NOT NULL,
	"bytes_up" bigint DEFAULT 0 NOT NULL,
	"bytes_down" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "usage_of_organizations_day_organization_id_pk" PRIMARY KEY("day","organization_id")
);
--> statement-breakpoint
DROP INDEX "device_metrics_at";--> statement-breakpoint
CREATE INDEX "audit_log_actor_id" ON "audit_log" USING btree ("actor_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_action" ON "audit_log" USING btree ("action","id");--> statement-breakpoint
CREATE INDEX "audit_log_at" ON "audit_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "commands_finished_at" ON "commands" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "ip_history_rotation_id" ON "ip_history" USING btree ("rotation_id");--> statement-breakpoint
CREATE INDEX "rotations_finished_at" ON "rotations" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "usage_daily_day" ON "usage_daily" USING btree ("day");--> statement-breakpoint
CREATE INDEX "device_metrics_at" ON "device_metrics" USING btree ("at");--> statement-breakpoint
INSERT INTO "usage_of_organizations" ("day", "organization_id", "bytes_up", "bytes_down")
SELECT "day", "organization_id", sum("bytes_up"), sum("bytes_down") FROM (
	SELECT ("hour" AT TIME ZONE 'UTC')::date AS "day", "organization_id", "bytes_up", "bytes_down" FROM "usage_hourly"
	UNION ALL
	SELECT "day", "organization_id", "bytes_up", "bytes_down" FROM "usage_daily"
) AS "usage" GROUP BY 1, 2;
