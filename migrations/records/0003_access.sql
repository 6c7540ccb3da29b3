CREATE SCHEMA "access";
--> statement-breakpoint
CREATE TABLE "access"."client_assertion" (
	"client_id" text NOT NULL,
	"jti" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "client_assertion_client_id_jti_pk" PRIMARY KEY("client_id","jti")
);
--> statement-breakpoint
CREATE TABLE "access"."credential" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."credential_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"staff_id" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"material" "bytea" NOT NULL,
	"parameters" text NOT NULL,
	"key_id" text NOT NULL,
	"last_step" bigint,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "credential_state_known" CHECK (state in ('enrolling', 'active', 'ended'))
);
--> statement-breakpoint
CREATE TABLE "access"."department" (
	"code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"branch_code" text
);
--> statement-breakpoint
CREATE TABLE "access"."enrolment" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."enrolment_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"staff_id" text NOT NULL,
	"code_sha256" "bytea" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"change_id" bigint NOT NULL,
	CONSTRAINT "enrolment_code_sha256_unique" UNIQUE("code_sha256")
);
--> statement-breakpoint
CREATE TABLE "access"."oidc_request" (
	"state_sha256" "bytea" PRIMARY KEY NOT NULL,
	"browser_sha256" "bytea" NOT NULL,
	"nonce" text NOT NULL,
	"code_verifier" text NOT NULL,
	"terminal" text NOT NULL,
	"client_app" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"pending_sha256" "bytea",
	"staff_id" text,
	"second_factor_done" boolean DEFAULT false NOT NULL,
	CONSTRAINT "oidc_request_pending_sha256_unique" UNIQUE("pending_sha256")
);
--> statement-breakpoint
CREATE TABLE "access"."posting" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."posting_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"staff_id" text NOT NULL,
	"department" text NOT NULL,
	"valid_from" date NOT NULL,
	"handover_to" date,
	"change_id" bigint NOT NULL,
	CONSTRAINT "posting_handover_length" CHECK (handover_to between valid_from and valid_from + 13)
);
--> statement-breakpoint
CREATE TABLE "access"."refresh_token" (
	"sha256" "bytea" PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "refresh_token_generation" UNIQUE("session_id","generation")
);
--> statement-breakpoint
CREATE TABLE "access"."role_function" (
	"role" text NOT NULL,
	"function" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	CONSTRAINT "role_function_role_function_valid_from_pk" PRIMARY KEY("role","function","valid_from")
);
--> statement-breakpoint
CREATE TABLE "access"."role_grant_revocation" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."role_grant_revocation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"grant_id" bigint NOT NULL,
	"effective_on" date NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "access"."role_grant" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."role_grant_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"staff_id" text,
	"client_id" text,
	"role" text NOT NULL,
	"department" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"change_id" bigint NOT NULL,
	CONSTRAINT "role_grant_one_holder" CHECK (num_nonnulls(staff_id, client_id) = 1),
	CONSTRAINT "role_grant_order" CHECK (valid_to is null or valid_to >= valid_from)
);
--> statement-breakpoint
CREATE TABLE "access"."role_purpose" (
	"role" text NOT NULL,
	"purpose" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	CONSTRAINT "role_purpose_role_purpose_valid_from_pk" PRIMARY KEY("role","purpose","valid_from")
);
--> statement-breakpoint
CREATE TABLE "access"."role" (
	"name" text PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"scope" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "access"."service_account" (
	"client_id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"department" text NOT NULL,
	"state" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"change_id" bigint NOT NULL,
	CONSTRAINT "service_account_id_form" CHECK (client_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'),
	CONSTRAINT "service_account_state_known" CHECK (state in ('active', 'suspended', 'revoked'))
);
--> statement-breakpoint
CREATE TABLE "access"."service_key" (
	"kid" text NOT NULL,
	"client_id" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"ended_at" timestamp with time zone,
	"change_id" bigint NOT NULL,
	CONSTRAINT "service_key_client_id_kid_pk" PRIMARY KEY("client_id","kid")
);
--> statement-breakpoint
CREATE TABLE "access"."session" (
	"id" uuid PRIMARY KEY NOT NULL,
	"staff_id" text,
	"client_id" text,
	"terminal" text NOT NULL,
	"client_app" text NOT NULL,
	"strength" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"absolute_until" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"ended_reason" text,
	CONSTRAINT "session_one_holder" CHECK (num_nonnulls(staff_id, client_id) = 1),
	CONSTRAINT "session_end" CHECK ((ended_at is null) = (ended_reason is null))
);
--> statement-breakpoint
CREATE TABLE "access"."sign_in_event" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."sign_in_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"staff_id" text NOT NULL,
	"kind" text NOT NULL,
	"attempt_id" bigint,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "sign_in_event_kind_known" CHECK (kind in ('started', 'succeeded', 'failed', 'abandoned', 'unlocked')),
	CONSTRAINT "sign_in_event_result" CHECK ((attempt_id is not null) = (kind in ('succeeded', 'failed', 'abandoned')))
);
--> statement-breakpoint
CREATE TABLE "access"."staff" (
	"staff_id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"name" text NOT NULL,
	"kana" text NOT NULL,
	"state" text NOT NULL,
	"employment_from" date NOT NULL,
	"employment_to" date,
	"change_id" bigint NOT NULL,
	CONSTRAINT "staff_id_form" CHECK (staff_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'),
	CONSTRAINT "staff_state_known" CHECK (state in ('pending', 'active', 'suspended', 'revoked')),
	CONSTRAINT "staff_employment_order" CHECK (employment_to is null or employment_to >= employment_from)
);
--> statement-breakpoint
CREATE TABLE "access"."staff_event" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."staff_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"staff_id" text NOT NULL,
	"kind" text NOT NULL,
	"reason" text NOT NULL,
	"change_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "access"."step_up" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access"."step_up_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"session_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "access"."credential" ADD CONSTRAINT "credential_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."enrolment" ADD CONSTRAINT "enrolment_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."enrolment" ADD CONSTRAINT "enrolment_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."oidc_request" ADD CONSTRAINT "oidc_request_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."posting" ADD CONSTRAINT "posting_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."posting" ADD CONSTRAINT "posting_department_department_code_fk" FOREIGN KEY ("department") REFERENCES "access"."department"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."posting" ADD CONSTRAINT "posting_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."refresh_token" ADD CONSTRAINT "refresh_token_session_id_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "access"."session"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_function" ADD CONSTRAINT "role_function_role_role_name_fk" FOREIGN KEY ("role") REFERENCES "access"."role"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_grant_revocation" ADD CONSTRAINT "role_grant_revocation_grant_id_role_grant_id_fk" FOREIGN KEY ("grant_id") REFERENCES "access"."role_grant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_grant_revocation" ADD CONSTRAINT "role_grant_revocation_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_grant" ADD CONSTRAINT "role_grant_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_grant" ADD CONSTRAINT "role_grant_client_id_service_account_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "access"."service_account"("client_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_grant" ADD CONSTRAINT "role_grant_role_role_name_fk" FOREIGN KEY ("role") REFERENCES "access"."role"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_grant" ADD CONSTRAINT "role_grant_department_department_code_fk" FOREIGN KEY ("department") REFERENCES "access"."department"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_grant" ADD CONSTRAINT "role_grant_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."role_purpose" ADD CONSTRAINT "role_purpose_role_role_name_fk" FOREIGN KEY ("role") REFERENCES "access"."role"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."service_account" ADD CONSTRAINT "service_account_department_department_code_fk" FOREIGN KEY ("department") REFERENCES "access"."department"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."service_account" ADD CONSTRAINT "service_account_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."service_key" ADD CONSTRAINT "service_key_client_id_service_account_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "access"."service_account"("client_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."service_key" ADD CONSTRAINT "service_key_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."session" ADD CONSTRAINT "session_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."session" ADD CONSTRAINT "session_client_id_service_account_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "access"."service_account"("client_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."sign_in_event" ADD CONSTRAINT "sign_in_event_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."staff" ADD CONSTRAINT "staff_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."staff_event" ADD CONSTRAINT "staff_event_staff_id_staff_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "access"."staff"("staff_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."staff_event" ADD CONSTRAINT "staff_event_change_id_change_id_fk" FOREIGN KEY ("change_id") REFERENCES "records"."change"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access"."step_up" ADD CONSTRAINT "step_up_session_id_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "access"."session"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "client_assertion_expiry" ON "access"."client_assertion" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "credential_one_active" ON "access"."credential" USING btree ("staff_id","kind") WHERE state = 'active';--> statement-breakpoint
CREATE UNIQUE INDEX "credential_one_enrolling" ON "access"."credential" USING btree ("staff_id","kind") WHERE state = 'enrolling';--> statement-breakpoint
CREATE INDEX "enrolment_staff" ON "access"."enrolment" USING btree ("staff_id");--> statement-breakpoint
CREATE INDEX "oidc_request_expiry" ON "access"."oidc_request" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "posting_staff" ON "access"."posting" USING btree ("staff_id","valid_from","id");--> statement-breakpoint
CREATE INDEX "role_grant_revocation_grant" ON "access"."role_grant_revocation" USING btree ("grant_id");--> statement-breakpoint
CREATE INDEX "role_grant_staff" ON "access"."role_grant" USING btree ("staff_id");--> statement-breakpoint
CREATE INDEX "role_grant_client" ON "access"."role_grant" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "session_staff_open" ON "access"."session" USING btree ("staff_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "session_client_open" ON "access"."session" USING btree ("client_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "sign_in_event_staff" ON "access"."sign_in_event" USING btree ("staff_id","at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "sign_in_event_attempt" ON "access"."sign_in_event" USING btree ("attempt_id");--> statement-breakpoint
CREATE INDEX "staff_person" ON "access"."staff" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "staff_event_staff" ON "access"."staff_event" USING btree ("staff_id","id");--> statement-breakpoint
CREATE INDEX "step_up_session" ON "access"."step_up" USING btree ("session_id","until");
--> statement-breakpoint

-- Journals of the schema: inserted, never changed, not even by their owner.
CREATE FUNCTION access.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'access.% is insert-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
DO $$
DECLARE journal text;
BEGIN
  FOREACH journal IN ARRAY ARRAY['staff_event', 'posting', 'role_grant', 'role_grant_revocation', 'sign_in_event', 'step_up']
  LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON access.%I
      FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_change()', journal || '_insert_only', journal);
  END LOOP;
END $$;
--> statement-breakpoint

-- `revoked` is final (handbook 15 §2): no state follows it, and an ended session, token, key or factor stays ended.
CREATE FUNCTION access.refuse_revival() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'what has ended in access.% stays ended', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER staff_revoked_is_final BEFORE UPDATE OF state ON access.staff
  FOR EACH ROW WHEN (OLD.state = 'revoked' AND NEW.state <> 'revoked') EXECUTE FUNCTION access.refuse_revival();
--> statement-breakpoint
CREATE TRIGGER service_account_revoked_is_final BEFORE UPDATE OF state ON access.service_account
  FOR EACH ROW WHEN (OLD.state = 'revoked' AND NEW.state <> 'revoked') EXECUTE FUNCTION access.refuse_revival();
--> statement-breakpoint
CREATE TRIGGER credential_end_is_final BEFORE UPDATE OF state ON access.credential
  FOR EACH ROW WHEN (OLD.state = 'ended') EXECUTE FUNCTION access.refuse_revival();
--> statement-breakpoint
CREATE TRIGGER session_end_is_final BEFORE UPDATE OF ended_at, ended_reason ON access.session
  FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION access.refuse_revival();
--> statement-breakpoint
CREATE TRIGGER refresh_token_used_once BEFORE UPDATE OF used_at ON access.refresh_token
  FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION access.refuse_revival();
--> statement-breakpoint
CREATE TRIGGER enrolment_used_once BEFORE UPDATE OF ended_at ON access.enrolment
  FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION access.refuse_revival();
--> statement-breakpoint
CREATE TRIGGER service_key_end_is_final BEFORE UPDATE OF ended_at ON access.service_key
  FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION access.refuse_revival();
--> statement-breakpoint

-- The units whose grants count for an account on a day: the current one (配属), and the one before while a handover
-- (引継期間) lasts. Dates decide, no job does (handbook 15 §6.2).
CREATE FUNCTION access.units_in_force(account text, on_day date) RETURNS TABLE (department text, is_current boolean)
  LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  WITH held AS (
    SELECT DISTINCT ON (valid_from) p.department, p.valid_from, p.handover_to FROM access.posting p
    WHERE p.staff_id = account AND p.valid_from <= on_day ORDER BY valid_from DESC, id DESC
  ), numbered AS (
    SELECT h.*, row_number() OVER (ORDER BY h.valid_from DESC) AS n FROM held h
  )
  SELECT numbered.department, n = 1 FROM numbered
  WHERE n = 1 OR (n = 2 AND (SELECT handover_to FROM numbered WHERE n = 1) >= on_day);
$$;
--> statement-breakpoint

-- Grants (権限付与) in force on a day for a staff account or for a service account; hand in null for the other.
CREATE FUNCTION access.grants_in_force(account text, client text, on_day date) RETURNS SETOF access.role_grant
  LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT g.* FROM access.role_grant g
  WHERE (g.staff_id = account OR g.client_id = client)
    AND g.valid_from <= on_day AND (g.valid_to IS NULL OR g.valid_to >= on_day)
    AND NOT EXISTS (SELECT FROM access.role_grant_revocation r WHERE r.grant_id = g.id AND r.effective_on <= on_day)
    AND (g.client_id IS NOT NULL OR g.department IN (SELECT u.department FROM access.units_in_force(account, on_day) u));
$$;
--> statement-breakpoint

-- Housekeeping of what has no value as a record: assertions a day past their expiry, outside sign-ins past theirs.
CREATE FUNCTION access.purge_expired(moment timestamptz) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH assertions AS (
    DELETE FROM access.client_assertion
    WHERE expires_at < least(moment, statement_timestamp()) - interval '1 day' RETURNING 1
  ), requests AS (
    DELETE FROM access.oidc_request
    WHERE expires_at < least(moment, statement_timestamp()) - interval '1 day' RETURNING 1
  )
  SELECT (SELECT count(*) FROM assertions) + (SELECT count(*) FROM requests);
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION access.purge_expired(timestamptz) FROM PUBLIC;
--> statement-breakpoint

-- The gateway's least privilege (design §4). The role is made in 0001_journals.
GRANT USAGE ON SCHEMA access TO kuramori_gateway;
--> statement-breakpoint
GRANT SELECT ON ALL TABLES IN SCHEMA access TO kuramori_gateway;
--> statement-breakpoint
GRANT INSERT ON access.staff, access.staff_event, access.posting, access.service_account, access.service_key,
  access.role_grant, access.role_grant_revocation, access.credential, access.enrolment, access.sign_in_event,
  access.session, access.refresh_token, access.step_up, access.client_assertion, access.oidc_request
  TO kuramori_gateway;
--> statement-breakpoint
GRANT UPDATE (state, employment_to) ON access.staff TO kuramori_gateway;
--> statement-breakpoint
GRANT UPDATE (state) ON access.service_account TO kuramori_gateway;
--> statement-breakpoint
GRANT UPDATE (ended_at) ON access.service_key TO kuramori_gateway;
--> statement-breakpoint
GRANT UPDATE (state, last_step, ended_at) ON access.credential TO kuramori_gateway;
--> statement-breakpoint
GRANT UPDATE (ended_at) ON access.enrolment TO kuramori_gateway;
--> statement-breakpoint
GRANT UPDATE (last_seen_at, ended_at, ended_reason) ON access.session TO kuramori_gateway;
--> statement-breakpoint
GRANT UPDATE (used_at) ON access.refresh_token TO kuramori_gateway;
--> statement-breakpoint
GRANT UPDATE (used_at, pending_sha256, staff_id, second_factor_done) ON access.oidc_request TO kuramori_gateway;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION access.purge_expired(timestamptz) TO kuramori_gateway;
