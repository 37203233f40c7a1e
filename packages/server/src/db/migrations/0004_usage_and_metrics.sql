CREATE TABLE "device_metrics" (
	"device_id" uuid NOT NULL,
	"at" timestamp (0) with time zone NOT NULL,
	"signal_dbm" smallint,
	"battery_percent" smallint,
	"battery_charging" boolean,
	"network_type" text,
	"wifi_bytes_up" bigint NOT NULL,
	"wifi_bytes_down" bigint NOT NULL,
	"mobile_bytes_up" bigint NOT NULL,
	"mobile_bytes_down" bigint NOT NULL,
	CONSTRAINT "device_metrics_device_id_at_pk" PRIMARY KEY("device_id","at")
);
--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "counted_up" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "counted_down" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "device_metrics" ADD CONSTRAINT "device_metrics_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "device_metrics_at" ON "device_metrics" USING brin ("at");