CREATE TABLE "vault"."authenticator" (
	"credential_id" text PRIMARY KEY NOT NULL,
	"webauthn_id" text NOT NULL,
	"counter" bigint NOT NULL,
	"backup_eligible" boolean NOT NULL,
	"backed_up" boolean NOT NULL,
	CONSTRAINT "authenticator_webauthn_id_unique" UNIQUE("webauthn_id"),
	CONSTRAINT "authenticator_counter_bits" CHECK (counter between 0 and 4294967295),
	CONSTRAINT "authenticator_backup" CHECK (backup_eligible or not backed_up)
);
--> statement-breakpoint
ALTER TABLE "vault"."authenticator" ADD CONSTRAINT "authenticator_credential_id_credential_credential_id_fk" FOREIGN KEY ("credential_id") REFERENCES "vault"."credential"("credential_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Written by hand: a key of an authenticator stays what it was entered as; what goes on is its counter and its backup.
grant select, insert on vault.authenticator to kuramori_vault;
grant update (counter, backed_up) on vault.authenticator to kuramori_vault;
