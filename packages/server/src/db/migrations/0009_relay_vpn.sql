ALTER TABLE "relays" ADD COLUMN "ca_certificate" text;--> statement-breakpoint
ALTER TABLE "relays" ADD COLUMN "vpn_port" integer;--> statement-breakpoint
ALTER TABLE "relays" ADD COLUMN "vpn_problem" text;