CREATE TABLE "records"."push_cursor" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"sequence" bigint NOT NULL,
	"change_digest" text DEFAULT '' NOT NULL,
	CONSTRAINT "push_cursor_one" CHECK ("records"."push_cursor"."only_row")
);
--> statement-breakpoint
CREATE TABLE "records"."push_outbox" (
	"push_request_id" uuid PRIMARY KEY NOT NULL,
	"assertion" text NOT NULL,
	"body" text NOT NULL,
	"valid_until" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."push_request" (
	"push_request_id" uuid PRIMARY KEY NOT NULL,
	"procedure" text NOT NULL,
	"addressee_no" text NOT NULL,
	"refund_id" bigint,
	"consent_id" text,
	"body_digest" text NOT NULL,
	"change_id" bigint NOT NULL,
	CONSTRAINT "push_request_procedure_known" CHECK ("records"."push_request"."procedure" in ('acquireCode', 'inquireRefundAccount')),
	CONSTRAINT "push_request_refund_with_consent" CHECK (num_nonnulls("records"."push_request"."refund_id", "records"."push_request"."consent_id") = 2 * ("records"."push_request"."procedure" = 'inquireRefundAccount')::integer)
);
--> statement-breakpoint
CREATE TABLE "records"."push_signature" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."push_signature_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"push_request_id" uuid NOT NULL,
	"valid_until" timestamp with time zone NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records"."push_standing" (
	"push_request_id" uuid PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"vault_sequence" bigint,
	"attempt" integer,
	"reason" text,
	"receipt_digest" text,
	"next_attempt_at" timestamp with time zone,
	CONSTRAINT "push_standing_state_known" CHECK ("records"."push_standing"."state" in ('WAITING', 'HANDED_OVER', 'AWAITING_SIGNATURE', 'NOT_ACCEPTED', 'CANCELLED', 'ACCEPTED', 'SENDING', 'PENDING', 'RETRY_WAIT', 'INDETERMINATE', 'DONE', 'REFUSED', 'FAILED', 'EXPIRED'))
);
--> statement-breakpoint
CREATE TABLE "records"."push_state" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "records"."push_state_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 50),
	"push_request_id" uuid NOT NULL,
	"state" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"vault_sequence" bigint,
	"attempt" integer,
	"reason" text,
	"receipt_digest" text,
	"next_attempt_at" timestamp with time zone,
	"recorded_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"change_id" bigint,
	CONSTRAINT "push_state_sequence_once" UNIQUE("vault_sequence"),
	CONSTRAINT "push_state_state_known" CHECK ("records"."push_state"."state" in ('WAITING', 'HANDED_OVER', 'AWAITING_SIGNATURE', 'NOT_ACCEPTED', 'CANCELLED', 'ACCEPTED', 'SENDING', 'PENDING', 'RETRY_WAIT', 'INDETERMINATE', 'DONE', 'REFUSED', 'FAILED', 'EXPIRED')),
	CONSTRAINT "push_state_of_its_source" CHECK (case when "records"."push_state"."vault_sequence" is null then "records"."push_state"."state" in ('WAITING', 'HANDED_OVER', 'AWAITING_SIGNATURE', 'NOT_ACCEPTED', 'CANCELLED')
        else "records"."push_state"."state" in ('CANCELLED', 'ACCEPTED', 'SENDING', 'PENDING', 'RETRY_WAIT', 'INDETERMINATE', 'DONE', 'REFUSED', 'FAILED', 'EXPIRED') end)
);
--> statement-breakpoint
ALTER TABLE "records"."push_outbox" ADD CONSTRAINT "push_outbox_push_request_id_push_request_push_request_id_fk" FOREIGN KEY ("push_request_id") REFERENCES "records"."push_request"("push_request_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."push_outbox" ADD CONSTRAINT "push_outbox_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."push_request" ADD CONSTRAINT "push_request_addressee_no_addressee_addressee_no_fk" FOREIGN KEY ("addressee_no") REFERENCES "records"."addressee"("addressee_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."push_request" ADD CONSTRAINT "push_request_refund_id_refund_id_fk" FOREIGN KEY ("refund_id") REFERENCES "records"."refund"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."push_request" ADD CONSTRAINT "push_request_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."push_signature" ADD CONSTRAINT "push_signature_push_request_id_push_request_push_request_id_fk" FOREIGN KEY ("push_request_id") REFERENCES "records"."push_request"("push_request_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."push_signature" ADD CONSTRAINT "push_signature_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."push_state" ADD CONSTRAINT "push_state_push_request_id_push_request_push_request_id_fk" FOREIGN KEY ("push_request_id") REFERENCES "records"."push_request"("push_request_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records"."push_state" ADD CONSTRAINT "push_state_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "push_outbox_due" ON "records"."push_outbox" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "push_request_addressee" ON "records"."push_request" USING btree ("addressee_no","push_request_id");--> statement-breakpoint
CREATE INDEX "push_request_refund" ON "records"."push_request" USING btree ("refund_id","push_request_id") WHERE refund_id is not null;--> statement-breakpoint
CREATE INDEX "push_signature_request" ON "records"."push_signature" USING btree ("push_request_id","id");--> statement-breakpoint
CREATE INDEX "push_standing_state" ON "records"."push_standing" USING btree ("state","push_request_id");--> statement-breakpoint
CREATE INDEX "push_state_request" ON "records"."push_state" USING btree ("push_request_id","recorded_at","id");
--> statement-breakpoint

-- Written by hand from here on.

-- The worker (連携ワーカー) is a role of its own. Group roles belong to the cluster: another database may have made it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kuramori_worker') THEN
    BEGIN
      CREATE ROLE kuramori_worker NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      -- Another database of the cluster was migrated at the same moment.
      NULL;
    END;
  END IF;
END $$;
--> statement-breakpoint

-- Journals are insert-only, for everybody, as in 0001_journals.
DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['push_request', 'push_signature', 'push_state'] LOOP
    EXECUTE pg_catalog.format(
      'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records.%I
       FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_change()', journal);
    EXECUTE pg_catalog.format('ALTER TABLE records.%I ENABLE ALWAYS TRIGGER insert_only', journal);
  END LOOP;
END $$;
--> statement-breakpoint

-- The newest state of each push. What the vault says goes before what is known here, and its newest before its older.
CREATE FUNCTION records.keep_push_standing() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO records.push_standing AS s
    (push_request_id, state, at, vault_sequence, attempt, reason, receipt_digest, next_attempt_at)
  SELECT DISTINCT ON (push_request_id)
    push_request_id, state, at, vault_sequence, attempt, reason, receipt_digest, next_attempt_at
  FROM added ORDER BY push_request_id, vault_sequence DESC NULLS LAST, id DESC
  ON CONFLICT (push_request_id) DO UPDATE SET
    state = excluded.state, at = excluded.at, vault_sequence = excluded.vault_sequence, attempt = excluded.attempt,
    reason = excluded.reason, receipt_digest = excluded.receipt_digest, next_attempt_at = excluded.next_attempt_at
  WHERE s.vault_sequence IS NULL OR s.vault_sequence < excluded.vault_sequence;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION records.keep_push_standing() IS 'Carries new states of pushes into their standing.';
--> statement-breakpoint
CREATE TRIGGER standing AFTER INSERT ON records.push_state REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION records.keep_push_standing();
--> statement-breakpoint
ALTER TABLE records.push_state ENABLE ALWAYS TRIGGER standing;
--> statement-breakpoint
CREATE TRIGGER derived BEFORE INSERT OR UPDATE ON records.push_standing
  FOR EACH STATEMENT WHEN (pg_catalog.pg_trigger_depth() = 0) EXECUTE FUNCTION records.refuse_direct_balance();
--> statement-breakpoint
CREATE TRIGGER derived_kept BEFORE DELETE OR TRUNCATE ON records.push_standing
  FOR EACH STATEMENT EXECUTE FUNCTION records.refuse_direct_balance();
--> statement-breakpoint
ALTER TABLE records.push_standing ENABLE ALWAYS TRIGGER derived, ENABLE ALWAYS TRIGGER derived_kept;
--> statement-breakpoint

-- Takes what a terminal signed out of the outbox again: `withdrawn`, `none` when nothing waits there, `taken` when a
-- worker is handing it over at this moment. The gateway may do this and cannot read what waits.
CREATE FUNCTION records.withdraw_push(wanted uuid) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM records.push_outbox WHERE push_request_id IN
    (SELECT o.push_request_id FROM records.push_outbox AS o WHERE o.push_request_id = wanted FOR UPDATE SKIP LOCKED);
  IF FOUND THEN
    RETURN 'withdrawn';
  END IF;
  RETURN CASE WHEN EXISTS (SELECT FROM records.push_outbox WHERE push_request_id = wanted) THEN 'taken' ELSE 'none' END;
END $$;
COMMENT ON FUNCTION records.withdraw_push(uuid) IS 'Takes a signed push out of the outbox, unless a worker holds it.';
--> statement-breakpoint
REVOKE ALL ON FUNCTION records.keep_push_standing(), records.withdraw_push(uuid) FROM PUBLIC;
--> statement-breakpoint

INSERT INTO records.push_cursor (sequence) VALUES (0);
--> statement-breakpoint

-- The gateway asks and reads; of states it can write those alone that arise here.
GRANT SELECT ON records.push_request, records.push_signature, records.push_state, records.push_standing
  TO kuramori_gateway;
--> statement-breakpoint
GRANT INSERT ON records.push_request, records.push_signature, records.push_outbox TO kuramori_gateway;
--> statement-breakpoint
GRANT INSERT (push_request_id, state, at, reason, change_id) ON records.push_state TO kuramori_gateway;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION records.withdraw_push(uuid) TO kuramori_gateway;
--> statement-breakpoint

-- The worker hands over and writes down what became of it. It reads no person, no money and nothing else.
GRANT USAGE ON SCHEMA records, audit TO kuramori_worker;
--> statement-breakpoint
GRANT SELECT ON public.kuramori_migration, records.push_request, records.push_outbox,
  records.push_cursor TO kuramori_worker;
--> statement-breakpoint
GRANT SELECT (id, request_id, purpose, case_ref) ON records.change TO kuramori_worker;
--> statement-breakpoint
GRANT UPDATE (due_at, attempts), DELETE ON records.push_outbox TO kuramori_worker;
--> statement-breakpoint
GRANT UPDATE (sequence, change_digest) ON records.push_cursor TO kuramori_worker;
--> statement-breakpoint
GRANT INSERT, SELECT (vault_sequence) ON records.push_state TO kuramori_worker;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION audit.ensure_partitions(integer), audit.flush(),
  audit.append(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[]),
  audit.append_ahead(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[])
  TO kuramori_worker;
--> statement-breakpoint

-- The built-in roles of a municipality that is founded already hold what a new one's hold from the start.
INSERT INTO access.role_function (role, function, valid_from)
SELECT given.role, given.function, DATE '2000-01-01' FROM (VALUES
  ('numberHandler', 'push:request'), ('numberHandler', 'push:cancel'), ('numberHandler', 'push:read'),
  ('refundOfficer', 'push:read'), ('sectionChief', 'push:read')
) AS given (role, function)
WHERE EXISTS (SELECT FROM access.role r WHERE r.name = given.role)
  AND NOT EXISTS (SELECT FROM access.role_function h WHERE h.role = given.role AND h.function = given.function);
