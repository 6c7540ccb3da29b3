-- 監査ログ: the sequencer's lock no longer waits for the disk. A batch commits ahead of the disk; its answers leave once a
-- flush that began after the commit has ended. The log is written in one order and flushed in the same, so that what
-- is on disk is always a beginning of it, without a gap. Written by hand.

-- As audit.append, but the commit does not wait for the disk: whoever calls it answers nobody before audit.flush().
create function audit.append_ahead(
  bodies text, entry_counts integer[], ats timestamptz[], decision_bits smallint[], shapes text, shape_of integer[],
  subjects text, subject_of integer[]
) returns table (first_record bigint, first_sequence bigint)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  return query select * from audit.append(bodies, entry_counts, ats, decision_bits, shapes, shape_of, subjects, subject_of);
  perform set_config('synchronous_commit', 'off', true);
end $$;

-- Commits something that says nothing, and waits as a commit waits: for the disk, and for the standby where one is
-- waited for. Everything committed before is then durable.
create function audit.flush() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  perform pg_logical_emit_message(true, 'kuramori.audit', '');
end $$;

revoke all on function audit.append_ahead(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[]),
  audit.flush() from public;
grant execute on function
  audit.append_ahead(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[]), audit.flush()
  to kuramori_gateway, kuramori_loader;
