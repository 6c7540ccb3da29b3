CREATE TABLE "records"."erased_reference" (
	"vault_ref" text PRIMARY KEY NOT NULL,
	"addressee_no" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "records"."erased_reference" ADD CONSTRAINT "erased_reference_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."erased_reference" ADD CONSTRAINT "erased_reference_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erased_reference_addressee" ON "records"."erased_reference" USING btree ("addressee_no");--> statement-breakpoint
-- Written by hand from here on: a journal, which the gateway writes when the vault has erased a number.
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.erased_reference
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change();
ALTER TABLE records.erased_reference ENABLE ALWAYS TRIGGER insert_only;
GRANT SELECT, INSERT ON records.erased_reference TO kuramori_gateway;
