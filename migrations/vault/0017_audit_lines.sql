-- 監査ログ: whether bodies are JSON, and as many as the batch says, is seen when they are entered, not while an answer waits:
-- whatever is wrong with them is kept and raises, as every other defect of a body does. Written by hand.

-- Whether a block holds one body for each record. When they are more or fewer, nobody knows which is whose, and there is none
-- for any: all of its records raise, and the block keeps the bytes.
create function audit.is_whole(bodies text, records integer) returns boolean language sql immutable parallel safe
return octet_length(bodies) - octet_length(replace(bodies, E'\n', '')) = records - 1;

create function audit.lines_of(bodies text, records integer) returns text[] language sql immutable parallel safe
return case when audit.is_whole(bodies, records)
  then string_to_array(bodies, E'\n') else array_fill(null::text, array[records]) end;

-- Appends a batch: one body a line, how many entries each has, and the first and the last of their times. Refuses what is over
-- the measures of the library; a body with a defect is shown to auditors as one (audit.document_of). `ahead`: the commit does
-- not wait for the disk, and whoever calls answers nobody before audit.flush().
create or replace function audit.append(
  bodies text, entry_counts integer[], at_from timestamptz, at_to timestamptz, ahead boolean,
  out first_record bigint, out first_sequence bigint
)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as $$
#variable_conflict use_column
declare
  batch_records constant integer := cardinality(entry_counts);
  entries bigint;
  mark_record bigint;
  mark_at timestamptz;
begin
  select case when bool_and(coalesce(n between 1 and 2000, false)) then sum(n) end into entries from unnest(entry_counts) as n;
  if (octet_length(bodies) <= 9437184 and entries <= 100000
    and isfinite(at_from) and isfinite(at_to) and at_from <= at_to) is not true then
    raise exception 'a batch is over its measures, or has none' using errcode = 'invalid_parameter_value';
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

-- The bytes of one record; null when the log does not hold it, or holds it among bodies of which nobody knows whose they are.
create or replace function audit.body_of(record bigint) returns bytea language sql stable
return (
  select case when audit.is_whole(b.bodies, b.records) then
    convert_to(split_part(b.bodies, E'\n', (record - b.first_record + 1)::integer), 'UTF8') end
  from (select * from audit.block where first_record <= record order by first_record desc limit 1) as b
  where record < b.first_record + b.records
);

create or replace view audit.written with (security_invoker = true) as
select record_no, first_sequence, at, kind, actor_id, purpose, case_ref, coalesce(body, audit.body_of(record_no)) as body
from audit.record
union all
select record_no, first_sequence, (document ->> 'at')::timestamptz, document ->> 'kind', document ->> 'actorId',
  document ->> 'purpose', document ->> 'caseRef', convert_to(line, 'UTF8')
from (
  select b.first_record + r.place - 1 as record_no,
    b.first_sequence + sum(r.entry_count) over (partition by b.first_record order by r.place) - r.entry_count
      as first_sequence,
    r.line, audit.document_of(r.line) as document
  from audit.block b
  cross join lateral unnest(audit.lines_of(b.bodies, b.records), b.entry_counts) with ordinality as r (line, entry_count, place)
  where b.first_record >= (select next_record from audit.indexed)
) as later;

-- As before, of the lines that there are.
create or replace function audit.catch_up(records_max integer, waits boolean, out entered bigint, out behind bigint)
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
        cross join lateral unnest(audit.lines_of(b.bodies, b.records), b.entry_counts)
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

revoke all on function audit.is_whole(text, integer), audit.lines_of(text, integer) from public;
grant execute on function audit.is_whole(text, integer), audit.lines_of(text, integer) to kuramori_vault;
