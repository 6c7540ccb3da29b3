-- Bounds for what a stolen gateway may append: nothing that the tables of searches could not be made from, in the time that
-- a statement has.

-- Appends a batch: one body a line, how many entries each has, and the first and the last of their times. Refuses what is no
-- JSON, or larger than the log's own library writes (AUDIT_BATCH_BYTES_MAX and its line feeds, AUDIT_ENTRIES_MAX,
-- AUDIT_BATCH_ENTRIES_MAX). A body with another defect is shown to auditors as one (audit.document_of). `ahead`: the commit
-- does not wait for the disk, and whoever calls answers nobody before audit.flush().
create or replace function audit.append(
  bodies text, entry_counts integer[], at_from timestamptz, at_to timestamptz, ahead boolean,
  out first_record bigint, out first_sequence bigint
)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as $$
#variable_conflict use_column
declare
  batch_records constant integer := cardinality(entry_counts);
  lines integer;
  entries bigint;
  mark_record bigint;
  mark_at timestamptz;
begin
  select case when bool_and(coalesce(line is json object and n between 1 and 2000, false)) then count(*) end, sum(n)
  into lines, entries
  from unnest(string_to_array(bodies, E'\n'), entry_counts) as r (line, n);
  if (lines = batch_records and octet_length(bodies) <= 9437184 and entries <= 100000
    and isfinite(at_from) and isfinite(at_to) and at_from <= at_to) is not true then
    raise exception 'the bodies of a batch and their measures differ' using errcode = 'invalid_parameter_value';
  end if;
  -- A role or database that commits without waiting for the disk would make "durable" untrue.
  if ahead then
    perform set_config('synchronous_commit', 'off', true);
  elsif current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;

  update audit.head as h set
    next_record = h.next_record + batch_records,
    next_sequence = h.next_sequence + entries,
    latest_at = greatest(h.latest_at, at_to),
    lateness_max = greatest(h.lateness_max, greatest(h.latest_at, at_to) - at_from),
    marked_record = case when h.latest_at >= h.marked_at + interval '1 second' then h.next_record else h.marked_record end,
    marked_at = case when h.latest_at >= h.marked_at + interval '1 second' then h.latest_at else h.marked_at end
  returning h.next_record - batch_records, h.next_sequence - entries, h.marked_record, h.marked_at
  into first_record, first_sequence, mark_record, mark_at;
  if mark_record = first_record then
    insert into audit.time_mark values (mark_record, mark_at);
  end if;
  insert into audit.block values (first_record, batch_records, first_sequence, entry_counts, bodies);
end $$;

-- Each name is cut before the others take its type from it: one of megabytes would be copied into two thousand.
create or replace function audit.coordinates_of(names text) returns text[] language sql immutable parallel safe
return (
  select array_agg(distinct left(coordinate, 600) collate "C") from (
    select case when starts_with(name, '.')
      then coalesce(substring(first_value(name) over (partition by typed order by place) from '^(.*)\.'), '') || name
      else name end as coordinate
    from (
      select left(name, 600) as name, place,
        count(*) filter (where not starts_with(name, '.')) over (order by place) as typed
      from string_to_table(names, ' ') with ordinality as s (name, place)
    ) as n
  ) as c
);

-- How many people a body names; null when it does so in another form.
create function audit.subject_count(document jsonb) returns bigint language sql immutable parallel safe
return case jsonb_typeof(coalesce(document -> 'subjects', '[]')) when 'array' then (
  select case when coalesce(bool_and(jsonb_typeof(list) = 'array'), true) then
    coalesce(sum(case jsonb_typeof(list) when 'array' then jsonb_array_length(list) end), 0) end
  from jsonb_array_elements(document -> 'subjects') as list
) end;

-- No body has more than AUDIT_ENTRIES_MAX runs of entries, or is about more people than AUDIT_RECORD_SUBJECTS_MAX.
create or replace function audit.is_sound(document jsonb) returns boolean language sql stable parallel safe
return coalesce(
  jsonb_typeof(document -> 'kind') = 'string' and jsonb_typeof(document -> 'actorId') = 'string'
  and jsonb_typeof(document -> 'purpose') = 'string' and pg_input_is_valid(document ->> 'at', 'timestamptz')
  and (document -> 'v' = '1' or document -> 'v' = '2' and document ->> 'coordinates' <> '')
  and case jsonb_typeof(document -> 'entries') when 'array' then jsonb_array_length(document -> 'entries') <= 2000 end
  and audit.subject_count(document) <= 100000, false);

-- What a body says. A body that cannot be read, or lacks what searches lead with, must not blind them: it is shown as one
-- entry that raises by itself. What passed for JSON may still be none that PostgreSQL can hold: a number beyond measure, a
-- character that is none, lists in lists by the thousand.
create or replace function audit.document_of(body text) returns jsonb language plpgsql stable as $$
begin
  return case when audit.is_sound(body::jsonb) then body::jsonb else audit.defective() end;
exception when data_exception or program_limit_exceeded then
  return audit.defective();
end $$;

drop function audit.catch_up(integer, boolean);

-- Enters what has been appended, about records_max records of it and 2 MiB, at least one batch, into the tables that searches
-- read; gives the first record that is not entered, and how many are behind. One at a time: who does not wait for another
-- that is at it gets nulls. Takes whatever audit.append took: texts that an index could not hold are cut, and the check of
-- the log shows that column and body differ.
create function audit.catch_up(records_max integer, waits boolean, out entered bigint, out behind bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as $$
declare
  low bigint;
  careful boolean := false;
begin
  if records_max not between 1 and 100000 then
    raise exception 'between 1 and 100000 records at a time' using errcode = 'invalid_parameter_value';
  end if;
  if waits then
    select i.next_record into low from audit.indexed i for update;
  else
    select i.next_record into low from audit.indexed i for update skip locked;
  end if;
  if low is null then
    return;
  end if;
  select max(b.first_record + b.records) into entered from (
    select first_record, records, row_number() over (order by first_record) as place,
      sum(records) over (order by first_record) as so_many, sum(octet_length(bodies)) over (order by first_record) as bytes,
      sum((select sum(n) from unnest(entry_counts) as n)) over (order by first_record) as entries
    from (select * from audit.block where first_record >= low order by first_record limit records_max) as next
  ) as b
  where place = 1 or so_many <= records_max and bytes <= 2097152 and entries <= 100000;
  if entered is null then
    entered := low;
    behind := 0;
    return;
  end if;

  -- One that PostgreSQL cannot hold fails the statement: then each is tried by itself.
  loop
    begin
      with parsed as materialized (
        select b.first_record as block, b.first_record + r.place - 1 as record_no,
          b.first_sequence + sum(r.entry_count) over (partition by b.first_record order by r.place) - r.entry_count
            as first_sequence,
          r.entry_count, case when careful then audit.document_of(r.line) else r.line::jsonb end as document
        from audit.block b
        cross join lateral unnest(string_to_array(b.bodies, E'\n'), b.entry_counts)
          with ordinality as r (line, entry_count, place)
        where b.first_record >= low and b.first_record < entered
      ), sound as materialized (
        select block, record_no, first_sequence, entry_count,
          case when audit.is_sound(document)
            and octet_length(document ->> 'coordinates') - octet_length(replace(document ->> 'coordinates', ' ', ''))
              = entry_count - 1
            then document else audit.defective() end as document
        from parsed
      ), counted as materialized (
        select record_no, first_sequence, entry_count, document,
          sum(audit.subject_count(document)) over (partition by block order by record_no) as so_many
        from sound
      ), folded as materialized (
        select record_no, first_sequence, entry_count, document, document ->> 'coordinates' as names,
          sha256(convert_to(document ->> 'coordinates', 'UTF8')) as digest
        from (
          -- What a batch would name beyond AUDIT_BATCH_SUBJECTS_MAX, the library has not written.
          select record_no, first_sequence, entry_count,
            case when so_many <= 200000 then document else audit.defective() end as document
          from counted
          offset 0
        ) as judged
      ), listed as (
        select distinct on (digest) digest, names from folded
      ), made as (
        insert into audit.shape (digest, coordinates)
        select l.digest, audit.coordinates_of(l.names) from listed l
        where not exists (select from audit.shape k where k.digest = l.digest)
        returning id, digest, coordinates
      ), found as (
        insert into audit.shape_coordinate select c, made.id from made cross join unnest(made.coordinates) c
      ), about as (
        insert into audit.subject (addressee_no, record_no)
        select distinct left(s.subject #>> '{}', 600), f.record_no
        from folded f
        cross join lateral jsonb_array_elements(f.document -> 'subjects') as list
        cross join lateral jsonb_array_elements(list) as s (subject)
        where jsonb_typeof(s.subject) = 'string'
      )
      insert into audit.record (record_no, first_sequence, at, entry_count, shape_id, decisions, kind, actor_id, purpose, case_ref)
      select f.record_no, f.first_sequence, (f.document ->> 'at')::timestamptz, f.entry_count, k.id,
        (f.document @? '$.entries[*] ? (@.decision == "mask")')::integer +
        (f.document @? '$.entries[*] ? (@.decision == "refuse")')::integer * 2 +
        (f.document @? '$.entries[*] ? (@.raised == true)')::integer * 4 +
        (f.document @? '$.entries[*] ? (@.decision == "allow")')::integer * 8,
        left(f.document ->> 'kind', 600), left(f.document ->> 'actorId', 600), left(f.document ->> 'purpose', 600),
        left(f.document ->> 'caseRef', 600)
      from folded f
      join (select k.id, k.digest from audit.shape k join listed using (digest) union all select id, digest from made) as k
        using (digest)
      order by f.record_no;
      exit;
    exception when data_exception or program_limit_exceeded then
      if careful then
        raise;
      end if;
      careful := true;
    end;
  end loop;
  update audit.indexed set next_record = entered;
  select h.next_record - entered into behind from audit.head h;
end $$;

revoke all on function audit.catch_up(integer, boolean), audit.subject_count(jsonb) from public;
grant execute on function audit.catch_up(integer, boolean) to kuramori_gateway, kuramori_loader, kuramori_worker;
grant execute on function audit.subject_count(jsonb) to kuramori_gateway;
