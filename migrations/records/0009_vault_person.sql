CREATE TABLE "access"."vault_person" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."vault_person_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"staff_id" text NOT NULL,
	"vault_person_id" text NOT NULL,
	"is_linked" boolean NOT NULL,
	"valid_from" date NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "vault_person_id_form" CHECK (vault_person_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$')
);
--> statement-breakpoint
ALTER TABLE "access"."vault_person" ADD CONSTRAINT "vault_person_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."vault_person" ADD CONSTRAINT "vault_person_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "vault_person_staff" ON "access"."vault_person" USING btree ("staff_id","vault_person_id","valid_from","id");--> statement-breakpoint
CREATE INDEX "vault_person_of" ON "access"."vault_person" USING btree ("vault_person_id");--> statement-breakpoint
CREATE TRIGGER vault_person_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access.vault_person
  FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON access.vault_person TO kuramori_gateway;
