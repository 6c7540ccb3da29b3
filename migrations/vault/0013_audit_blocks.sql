-- 監査ログ of the vault, as migrations/records/0018_audit_blocks.sql, which tests/vault/audit.test.ts compares: a batch is kept as it came, one row; what searches read is made from it later and in bulk, before the next search
-- at the latest (docs/life-of-an-audit-entry.md). An answer waits for the batch only. Written by hand.

-- The sequencer's batches, as they came: what the log *is*. Everything else in this schema can be made again from them.
create table audit.block (
  -- Records of a batch have the numbers from first_record on, their entries those from first_sequence on.
  first_record bigint not null,
  records integer not null check (records > 0),
  first_sequence bigint not null,
  entry_counts integer[] not null,
  -- One body a line, in order: the exact bytes to be hashed, canonical JSON (RFC 8785), which escapes line feeds.
  bodies text not null,
  primary key (first_record)
) partition by range (first_record);

-- All records before next_record stand in the tables that searches read.
create table audit.indexed (
  only_row boolean primary key default true check (only_row),
  next_record bigint not null
) with (fillfactor = 10);
insert into audit.indexed select true, next_record from audit.head;

create trigger forward before update on audit.indexed for each row
  when (new.next_record < old.next_record) execute function audit.only_forward();
create trigger kept before insert or delete or truncate on audit.indexed execute function audit.refuse_change();
alter table audit.indexed enable always trigger forward, enable always trigger kept;
create trigger unchanged before update or delete on audit.block for each row execute function audit.refuse_change();
create trigger kept before truncate on audit.block execute function audit.refuse_change();
alter table audit.block enable always trigger unchanged, enable always trigger kept;

-- Rows of earlier releases keep the bodies they were written with.
alter table audit.record alter column body drop not null;

create or replace function audit.only_forward() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log goes forward only' using errcode = 'insufficient_privilege';
end $$;

create or replace function audit.ensure_partitions(ahead integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as $$
declare
  size constant bigint := audit.partition_records();
  first_no constant bigint := (select (next_record - 1) / size from audit.head);
  parent text;
  part text;
begin
  if ahead not between 1 and 16 then
    raise exception 'between 1 and 16 partitions ahead' using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(7270002);
  for place in first_no .. first_no + ahead loop
    foreach parent in array array['block', 'record', 'subject'] loop
      part := format('%s_%s', parent, lpad((place + 1)::text, 6, '0'));
      continue when to_regclass('audit.' || part) is not null;
      execute format('create table audit.%I (like audit.%I including all)', part, parent);
      execute format('create trigger kept before truncate on audit.%I execute function audit.refuse_change()', part);
      execute format('alter table audit.%I enable always trigger kept', part);
      execute format('alter table audit.%I attach partition audit.%I for values from (%s) to (%s)',
        parent, part, place * size + 1, (place + 1) * size + 1);
    end loop;
  end loop;
  return (first_no + ahead + 1) * size + 1;
end $$;

select audit.ensure_partitions(2);

drop function audit.append_ahead(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[]);
drop function audit.append(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[]);

-- Appends a batch: one body a line, how many entries each has, and the first and the last of their times. Refuses what is no
-- JSON; a body with another defect is shown to auditors as one (audit.document_of). `ahead`: the commit does not wait for the
-- disk, and whoever calls answers nobody before audit.flush().
create function audit.append(
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
  select case when bool_and(coalesce(line is json object and n > 0, false)) then count(*) end, sum(n) into lines, entries
  from unnest(string_to_array(bodies, E'\n'), entry_counts) as r (line, n);
  if (lines = batch_records and isfinite(at_from) and isfinite(at_to) and at_from <= at_to) is not true then
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

-- The coordinates that a body's text of names stands for, distinct and sorted: a name from its dot on has the type of the
-- last name before it that has one.
create function audit.coordinates_of(names text) returns text[] language sql immutable parallel safe
return (
  select array_agg(distinct left(coordinate, 600) collate "C") from (
    select case when starts_with(name, '.')
      then coalesce(substring(first_value(name) over (partition by typed order by place) from '^(.*)\.'), '') || name
      else name end as coordinate
    from (
      select name, place, count(*) filter (where not starts_with(name, '.')) over (order by place) as typed
      from string_to_table(names, ' ') with ordinality as s (name, place)
    ) as n
  ) as c
);

create function audit.is_sound(document jsonb) returns boolean language sql stable parallel safe
return coalesce(
  jsonb_typeof(document -> 'kind') = 'string' and jsonb_typeof(document -> 'actorId') = 'string'
  and jsonb_typeof(document -> 'purpose') = 'string' and pg_input_is_valid(document ->> 'at', 'timestamptz')
  and (document -> 'v' = '1' or document -> 'v' = '2' and document ->> 'coordinates' <> ''), false);

create function audit.defective() returns jsonb language sql immutable parallel safe
return '{"actorId":"","at":"-infinity","clientApp":"","coordinates":"Log.body","department":"","entries":[{"count":1,
  "decision":"refuse","raised":true,"reason":"defectiveBody","rows":0}],"kind":"refusal","purpose":"","requestId":"",
  "roles":[],"sessionId":"","strength":"","terminal":"","v":2}'::jsonb;

-- What a body says. A body that cannot be read, or lacks what searches lead with, must not blind them: it is shown as one
-- entry that raises by itself.
create function audit.document_of(body text) returns jsonb language sql stable parallel safe
return case when pg_input_is_valid(body, 'jsonb') and audit.is_sound(body::jsonb) then body::jsonb else audit.defective() end;

-- Enters what has been appended, about records_max records of it, into the tables that searches read; gives how many are
-- left. One at a time: who does not wait for another that is at it gets null. Takes whatever audit.append took: texts that
-- an index could not hold are cut, and the check of the log shows that column and body differ.
create function audit.catch_up(records_max integer, waits boolean) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as $$
declare
  low bigint;
  high bigint;
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
    return null;
  end if;
  select max(b.first_record + b.records) into high from audit.block b
  where b.first_record >= low and b.first_record < low + records_max;
  if high is null then
    return 0;
  end if;

  -- What passed for JSON may still be none that PostgreSQL can hold, as a number beyond measure: then each is tried.
  loop
    begin
      with folded as materialized (
        select record_no, first_sequence, entry_count, document, document ->> 'coordinates' as names,
          sha256(convert_to(document ->> 'coordinates', 'UTF8')) as digest
        from (
          select record_no, first_sequence, entry_count,
            case when audit.is_sound(document) then document else audit.defective() end as document
          from (
            select b.first_record + r.place - 1 as record_no,
              b.first_sequence + sum(r.entry_count) over (partition by b.first_record order by r.place) - r.entry_count
                as first_sequence,
              r.entry_count,
              case when not careful or pg_input_is_valid(r.line, 'jsonb') then r.line::jsonb end as document
            from audit.block b
            cross join lateral unnest(string_to_array(b.bodies, E'\n'), b.entry_counts)
              with ordinality as r (line, entry_count, place)
            where b.first_record >= low and b.first_record < high
            offset 0
          ) as parsed
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
        from folded f cross join lateral jsonb_path_query(f.document, '$.subjects[*][*]') as s (subject)
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
    exception when data_exception then
      if careful then
        raise;
      end if;
      careful := true;
    end;
  end loop;
  update audit.indexed set next_record = high;
  return (select h.next_record - high from audit.head h);
end $$;

-- The bytes of one record; null when the log does not hold it.
create function audit.body_of(record bigint) returns bytea language sql stable
return (
  select convert_to(split_part(b.bodies, E'\n', (record - b.first_record + 1)::integer), 'UTF8')
  from (select * from audit.block where first_record <= record order by first_record desc limit 1) as b
  where record < b.first_record + b.records
);

-- Every record with its bytes, also those that are not entered yet: what searches read lags behind, this does not.
create view audit.written with (security_invoker = true) as
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
  cross join lateral unnest(string_to_array(b.bodies, E'\n'), b.entry_counts) with ordinality as r (line, entry_count, place)
  where b.first_record >= (select next_record from audit.indexed)
) as later;

-- One line per entry, of bodies of both versions. A part that is not what it should be is shown as null: one defective
-- body must not fail a search.
create or replace view audit.entry with (security_invoker = true) as
select
  r.first_sequence + e.place - 1 as sequence, r.record_no, r.at, r.kind, r.actor_id, r.purpose, r.case_ref,
  e.coordinate, e.entry ->> 'decision' as decision, e.entry ->> 'reason' as reason,
  case when e.entry ->> 'rows' ~ '^\d{1,16}$' then (e.entry ->> 'rows')::bigint end as rows,
  coalesce(e.entry -> 'raised' = 'true', false) as raised,
  coalesce(case when e.entry ->> 'subjects' ~ '^\d{1,6}$' then
    b.document -> 'subjects' -> (e.entry ->> 'subjects')::integer end, '[]') as subjects,
  b.document - 'coordinates' - 'entries' - 'subjects' as context
from audit.written r
cross join lateral (select audit.document_of(convert_from(r.body, 'UTF8')) as document offset 0) b
cross join lateral (
  select e.place, e.entry ->> 'coordinate' as coordinate, e.entry
  from jsonb_array_elements(b.document -> 'entries') with ordinality as e (entry, place)
  where b.document -> 'v' = '1'
  union all
  -- A name from its dot on has the type of the last name before it that has one; runs follow each other.
  select n.place,
    case when starts_with(n.name, '.')
      then substring(first_value(n.name) over (partition by n.typed order by n.place) from '^(.*)\.') || n.name
      else n.name end,
    run.entry
  from (
    select name, place, count(*) filter (where not starts_with(name, '.')) over (order by place) as typed
    from string_to_table(b.document ->> 'coordinates', ' ') with ordinality as s (name, place)
  ) as n
  left join (
    select entry, length, sum(length) over (order by i) as last
    from (
      select entry, i, case when entry ->> 'count' ~ '^\d{1,6}$' then (entry ->> 'count')::integer else 0 end as length
      from jsonb_path_query(b.document, '$.entries[*]') with ordinality as r (entry, i)
    ) as counted
  ) as run on n.place > run.last - run.length and n.place <= run.last
  where b.document -> 'v' = '2'
) as e;

revoke all on audit.block, audit.indexed, audit.written from public;
revoke all on function audit.append(text, integer[], timestamptz, timestamptz, boolean), audit.coordinates_of(text),
  audit.is_sound(jsonb), audit.defective(), audit.document_of(text), audit.catch_up(integer, boolean), audit.body_of(bigint)
  from public;
grant select on audit.block, audit.indexed, audit.written to kuramori_vault;
grant execute on function audit.append(text, integer[], timestamptz, timestamptz, boolean), audit.catch_up(integer, boolean),
  audit.is_sound(jsonb), audit.defective(), audit.document_of(text), audit.body_of(bigint) to kuramori_vault;
