ALTER TABLE "access"."approval_request" DROP CONSTRAINT "approval_request_kind_known";--> statement-breakpoint
ALTER TABLE "access"."approval_request" DROP CONSTRAINT "approval_request_content";--> statement-breakpoint
ALTER TABLE "access"."approval_request" ADD COLUMN "vault_person_id" text;--> statement-breakpoint
ALTER TABLE "access"."approval_request" ADD CONSTRAINT "approval_request_kind_known" CHECK (kind in ('grantRole', 'resetCredentials', 'reactivateStaff', 'linkVaultPerson'));--> statement-breakpoint
ALTER TABLE "access"."approval_request" ADD CONSTRAINT "approval_request_content" CHECK (num_nonnulls(role, department) = 2 * (kind = 'grantRole')::integer
        and (valid_from is not null) = (kind in ('grantRole', 'linkVaultPerson'))
        and (valid_to is null or kind = 'grantRole')
        and (vault_person_id is not null) = (kind = 'linkVaultPerson'));