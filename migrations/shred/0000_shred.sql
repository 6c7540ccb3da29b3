-- 消去鍵: one key for each record of the vault, in a database of its own whose backups are kept for days, not years.
-- Without it a record's data key cannot be unwrapped: deleting the row here is what makes an erasure reach the backups
-- of the vault (handbook 14 §3). Written by hand.
do $$ begin
  if not exists (select from pg_roles where rolname = 'kuramori_vault') then
    create role kuramori_vault nologin;
  end if;
end $$;

create schema shred;
create table shred.key (
  vault_ref text primary key,
  value bytea not null check (octet_length(value) = 32)
);
revoke all on shred.key from public;
grant usage on schema shred to kuramori_vault;
grant select, insert, delete on shred.key to kuramori_vault;
grant select on public.kuramori_migration to kuramori_vault;
