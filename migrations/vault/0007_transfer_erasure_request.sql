CREATE TABLE "vault"."transfer_erasure_request" (
	"package_id" text PRIMARY KEY NOT NULL,
	"signed" text NOT NULL,
	"by" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "vault"."transfer_erasure_request" ADD CONSTRAINT "transfer_erasure_request_package_id_transfer_package_package_id_fk" FOREIGN KEY ("package_id") REFERENCES "vault"."transfer_package"("package_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
-- Written by hand from here on: what was asked for is entered and read, never changed; by the owner neither.
grant select, insert on vault.transfer_erasure_request to kuramori_vault;
create trigger kept before update or delete or truncate on vault.transfer_erasure_request for each statement
  execute function vault.refuse_change();
alter table vault.transfer_erasure_request enable always trigger kept;
