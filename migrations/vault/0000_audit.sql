-- 監査ログ of the vault: the same schema as that of the records database (migrations/records/0002, 0005, 0007), which
-- tests/vault/audit.test.ts compares. The vault may EXECUTE audit.append and what belongs to it and nothing else that
-- changes; triggers bind even the owner. Written by hand.

create schema audit;

do $$ begin
  if not exists (select from pg_roles where rolname = 'kuramori_vault') then
    create role kuramori_vault nologin;
  end if;
end $$;

-- The sequencer: one row, updated by every batch and locked until its commit; always the last lock taken.
create table audit.head (
  only_row boolean primary key default true check (only_row),
  next_record bigint not null,
  next_sequence bigint not null,
  -- Latest record time so far, and how far behind it a record ever came: bounds of record numbers for a period.
  latest_at timestamptz not null,
  lateness_max interval not null,
  marked_record bigint not null,
  marked_at timestamptz not null
) with (fillfactor = 10);
insert into audit.head values (true, 1, 1, '-infinity', '0', 0, '-infinity');

-- Distinct lists of coordinates: a search by coordinate finds shapes, then records.
create table audit.shape (
  id integer primary key generated always as identity,
  digest bytea not null unique,
  coordinates text[] not null
);
create table audit.shape_coordinate (
  coordinate text collate "C" not null,
  shape_id integer not null,
  primary key (coordinate, shape_id)
);

-- All records before `record_no` have a time not after `at`.
create table audit.time_mark (
  record_no bigint primary key,
  at timestamptz not null
);
create index time_mark_at on audit.time_mark (at, record_no);

create table audit.record (
  record_no bigint not null,
  first_sequence bigint not null,
  at timestamptz not null,
  entry_count integer not null check (entry_count > 0),
  shape_id integer not null,
  -- Bits: 1 some entry masked, 2 some refused, 4 some raised, 8 some allowed.
  decisions smallint not null,
  kind text not null,
  actor_id text not null,
  purpose text not null,
  case_ref text,
  -- The exact bytes to be hashed: canonical JSON (RFC 8785).
  body bytea not null,
  primary key (record_no)
) partition by range (record_no);
create index record_sequence on audit.record (first_sequence);
create index record_actor on audit.record (actor_id, record_no);
create index record_purpose on audit.record (purpose, record_no);
create index record_kind on audit.record (kind, record_no);
create index record_shape on audit.record (shape_id, record_no);
create index record_case on audit.record (case_ref, record_no) where case_ref is not null;
create index record_masked on audit.record (record_no) where decisions & 1 <> 0;
create index record_refused on audit.record (record_no) where decisions & 2 <> 0;
create index record_raised on audit.record (record_no) where decisions & 4 <> 0;

create table audit.subject (
  addressee_no text collate "C" not null,
  record_no bigint not null,
  primary key (addressee_no, record_no)
) partition by range (record_no);
create index subject_record on audit.subject using brin (record_no) with (pages_per_range = 32, autosummarize = on);

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end $$;

create function audit.only_forward() returns trigger language plpgsql as $$
begin
  if new.next_record < old.next_record or new.next_sequence < old.next_sequence then
    raise exception 'the head of the audit log goes forward only' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create trigger forward before update on audit.head for each row
  when (new.next_record < old.next_record or new.next_sequence < old.next_sequence)
  execute function audit.only_forward();
create trigger kept before insert or delete or truncate on audit.head execute function audit.refuse_change();
alter table audit.head enable always trigger forward, enable always trigger kept;

-- ALWAYS: session_replication_role does not switch the refusal off.
-- Row triggers on a partitioned table are inherited; statement triggers are not, so ensure_partitions adds `kept`.
do $$
declare name text;
begin
  foreach name in array array['record', 'subject', 'shape', 'shape_coordinate', 'time_mark'] loop
    execute format('create trigger unchanged before update or delete on audit.%I
      for each row execute function audit.refuse_change()', name);
    execute format('create trigger kept before truncate on audit.%I execute function audit.refuse_change()', name);
    execute format('alter table audit.%I enable always trigger unchanged, enable always trigger kept', name);
  end loop;
end $$;

-- Records per partition. Retention detaches whole partitions; rows are never deleted.
create function audit.partition_records() returns bigint language sql immutable as 'select 5000000::bigint';

-- Makes the partitions of the head and of `ahead` more; gives the first record number that has none.
-- ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, which lets appends and searches go on;
-- CREATE TABLE … PARTITION OF would take ACCESS EXCLUSIVE and stop both.
create function audit.ensure_partitions(ahead integer) returns bigint
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
    foreach parent in array array['record', 'subject'] loop
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

-- Appends a batch: one body a line; arrays run parallel to the lines, one place per record. `shapes` are distinct sorted
-- lists of coordinates, one a line, an empty line between lists; record i has the list shape_of[i]. Of `subjects`, which
-- spaces separate, number j belongs to record subject_of[j], once. Both count from 1. Kind, person, purpose and case are
-- read from the bodies. Refuses a body that is no JSON, and one of another version or with another number of entries, whose
-- entry_count would be null: a defective body would blind the auditors' search.
create function audit.append(
  bodies text, entry_counts integer[], ats timestamptz[], decision_bits smallint[], shapes text, shape_of integer[],
  subjects text, subject_of integer[]
) returns table (first_record bigint, first_sequence bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as $$
#variable_conflict use_column
declare
  -- Canonical JSON escapes line feeds: there is none within a body.
  lines constant text[] := string_to_array(bodies, E'\n');
  records constant integer := cardinality(lines);
  people constant text[] := string_to_array(subjects, ' ');
  entries bigint;
  batch_from timestamptz;
  batch_to timestamptz;
  base_record bigint;
  base_sequence bigint;
  mark_record bigint;
  mark_at timestamptz;
  shape text;
  shape_id integer;
  shape_ids integer[] := '{}';
begin
  if records is null or records = 0 or (records, records, records, records) <>
      (cardinality(entry_counts), cardinality(ats), cardinality(decision_bits), cardinality(shape_of))
    or cardinality(people) <> cardinality(subject_of) then
    raise exception 'the arrays of audit.append run parallel' using errcode = 'invalid_parameter_value';
  end if;
  -- A role or database that commits without waiting for the disk would make "durable" untrue.
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;

  select sum(n), min(at), max(at) into entries, batch_from, batch_to from unnest(entry_counts, ats) as r (n, at);
  update audit.head as h set
    next_record = h.next_record + records,
    next_sequence = h.next_sequence + entries,
    latest_at = greatest(h.latest_at, batch_to),
    lateness_max = greatest(h.lateness_max, greatest(h.latest_at, batch_to) - batch_from),
    marked_record = case when h.latest_at >= h.marked_at + interval '1 second' then h.next_record else h.marked_record end,
    marked_at = case when h.latest_at >= h.marked_at + interval '1 second' then h.latest_at else h.marked_at end
  returning h.next_record - records, h.next_sequence - entries, h.marked_record, h.marked_at
  into base_record, base_sequence, mark_record, mark_at;
  if mark_record = base_record then
    insert into audit.time_mark values (mark_record, mark_at);
  end if;

  -- Under the head's lock: nobody else makes shapes meanwhile.
  foreach shape in array string_to_array(shapes, E'\n\n') loop
    select k.id into shape_id from audit.shape k where k.digest = sha256(convert_to(shape, 'UTF8'));
    if shape_id is null then
      insert into audit.shape (digest, coordinates)
      values (sha256(convert_to(shape, 'UTF8')), string_to_array(shape, E'\n')) returning id into shape_id;
      insert into audit.shape_coordinate select c, shape_id from unnest(string_to_array(shape, E'\n')) as c;
    end if;
    shape_ids := shape_ids || shape_id;
  end loop;

  insert into audit.record (record_no, first_sequence, at, entry_count, shape_id, decisions, kind, actor_id, purpose,
    case_ref, body)
  select base_record + i - 1, base_sequence + n_until - n, at,
    case when document -> 'v' = '2' and names <> '' and octet_length(names) - octet_length(replace(names, ' ', '')) = n - 1
      then n end,
    shape_ids[place], bits, document ->> 'kind', document ->> 'actorId', document ->> 'purpose', document ->> 'caseRef',
    convert_to(line, 'UTF8')
  from (
    select *, document ->> 'coordinates' as names
    from (
      select *, line::jsonb as document
      from (
        select *, sum(n) over (order by i) as n_until
        from unnest(lines, entry_counts, ats, decision_bits, shape_of) with ordinality as r (line, n, at, bits, place, i)
      ) as numbered offset 0
    ) as parsed offset 0
  ) as r;

  insert into audit.subject (addressee_no, record_no)
  select s.addressee_no, base_record + s.record - 1 from unnest(people, subject_of) as s (addressee_no, record);

  return query select base_record, base_sequence;
end $$;
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

-- One line per entry, of bodies of both versions. A part that is not what it should be is shown as null: one defective
-- body must not fail a search.
create view audit.entry with (security_invoker = true) as
select
  r.first_sequence + e.place - 1 as sequence, r.record_no, r.at, r.kind, r.actor_id, r.purpose, r.case_ref,
  e.coordinate, e.entry ->> 'decision' as decision, e.entry ->> 'reason' as reason,
  case when e.entry ->> 'rows' ~ '^\d{1,16}$' then (e.entry ->> 'rows')::bigint end as rows,
  coalesce(e.entry -> 'raised' = 'true', false) as raised,
  coalesce(case when e.entry ->> 'subjects' ~ '^\d{1,6}$' then
    b.document -> 'subjects' -> (e.entry ->> 'subjects')::integer end, '[]') as subjects,
  b.document - 'coordinates' - 'entries' - 'subjects' as context
from audit.record r
cross join lateral (select convert_from(r.body, 'UTF8')::jsonb as document offset 0) b
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

revoke all on all tables in schema audit from public;
revoke all on all functions in schema audit from public;
grant usage on schema audit to kuramori_vault;
grant select on all tables in schema audit to kuramori_vault;
grant execute on function audit.ensure_partitions(integer), audit.append(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[]),
  audit.append_ahead(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[]), audit.flush()
  to kuramori_vault;
