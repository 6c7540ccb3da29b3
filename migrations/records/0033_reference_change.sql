CREATE TABLE "records"."reference_change" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."reference_change_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"addressee_no" text NOT NULL,
	"old_ref" text,
	"new_ref" text,
	"recorded_at" timestamp with time zone NOT NULL,
	"database_user" text NOT NULL,
	"change_id" bigint
);
--> statement-breakpoint
ALTER TABLE "records"."reference_change" ADD CONSTRAINT "reference_change_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "reference_change_addressee" ON "records"."reference_change" USING btree ("addressee_no","id");--> statement-breakpoint
CREATE INDEX "reference_change_unexplained" ON "records"."reference_change" USING btree ("id") WHERE change_id is null;--> statement-breakpoint
-- Written by hand from here on: a journal of which number's reference an addressee holds. Whoever has the gateway's
-- database user may set it past the application; he cannot do it without a trace, nor write, change or hide one.
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.reference_change
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change();
ALTER TABLE records.reference_change ENABLE ALWAYS TRIGGER insert_only;
GRANT SELECT ON records.reference_change TO kuramori_gateway;

CREATE FUNCTION records.note_reference() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  latest bigint;
BEGIN
  BEGIN
    latest := currval('records.change_id_seq');
  EXCEPTION WHEN object_not_in_prerequisite_state THEN
    NULL; -- This session has recorded no change.
  END;
  -- Of this transaction alone: neither one that the session committed before, nor one that a writer names.
  latest := (SELECT c.id FROM records.change AS c WHERE c.id = latest AND c.xmin = pg_current_xact_id()::xid);
  -- A row that is given another addressee number takes its reference with it: one line each.
  IF TG_OP <> 'INSERT' AND OLD.vault_ref IS NOT NULL
    AND (TG_OP = 'DELETE' OR OLD.addressee_no <> NEW.addressee_no) THEN
    INSERT INTO records.reference_change (addressee_no, old_ref, recorded_at, database_user, change_id)
      VALUES (OLD.addressee_no, OLD.vault_ref, clock_timestamp(), session_user, latest);
  END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND OLD.addressee_no <> NEW.addressee_no THEN
    IF NEW.vault_ref IS NOT NULL THEN
      INSERT INTO records.reference_change (addressee_no, new_ref, recorded_at, database_user, change_id)
        VALUES (NEW.addressee_no, NEW.vault_ref, clock_timestamp(), session_user, latest);
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO records.reference_change (addressee_no, old_ref, new_ref, recorded_at, database_user, change_id)
      VALUES (NEW.addressee_no, OLD.vault_ref, NEW.vault_ref, clock_timestamp(), session_user, latest);
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.note_reference() IS
  'Writes down which reference of the vault an addressee was given, moved to or lost; the database user, whatever role he took.';
-- With it a table of his own could write lines here.
REVOKE ALL ON FUNCTION records.note_reference() FROM PUBLIC;

-- At the end of the transaction, so that its change record may come after the reference, as in a load. Who hurries it with
-- SET CONSTRAINTS only has a line without his change.
CREATE CONSTRAINT TRIGGER reference_given AFTER INSERT ON records.addressee DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.vault_ref IS NOT NULL) EXECUTE FUNCTION records.note_reference();
CREATE CONSTRAINT TRIGGER reference_moved AFTER UPDATE ON records.addressee DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.vault_ref IS DISTINCT FROM NEW.vault_ref OR OLD.addressee_no <> NEW.addressee_no)
  EXECUTE FUNCTION records.note_reference();
CREATE CONSTRAINT TRIGGER reference_lost AFTER DELETE ON records.addressee DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.vault_ref IS NOT NULL) EXECUTE FUNCTION records.note_reference();
ALTER TABLE records.addressee ENABLE ALWAYS TRIGGER reference_given, ENABLE ALWAYS TRIGGER reference_moved,
  ENABLE ALWAYS TRIGGER reference_lost;
