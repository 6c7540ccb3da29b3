-- 監査ログ: append-only, gapless, provable (design §6, handbook 11 §4, lessons 1-20). Written by hand.
-- The gateway and the loads may EXECUTE audit.append and nothing else that changes; triggers bind even the owner.

create schema audit;

do $$ begin
  if not exists (select from pg_roles where rolname = 'kuramori_gateway') then
    create role kuramori_gateway nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'kuramori_loader') then
    create role kuramori_loader nologin;
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

create trigger forward before update on audit.head for each row execute function audit.only_forward();
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

-- Appends a batch: arrays run parallel, one place per record; bodies lie one after the other in `bodies`, record i
-- has `body_bytes[i]` bytes. `shapes` are distinct sorted lists of coordinates, joined by newline; record i has
-- shapes[shape_of[i]]. Subject j belongs to record subject_of[j]. Both count from 1 and hold no duplicates. Refuses
-- a body that is no JSON or holds another number of entries: a defective body would blind the auditors' search.
create function audit.append(
  bodies text, body_bytes integer[], entry_counts integer[], ats timestamptz[], kinds text[], actor_ids text[],
  purposes text[], case_refs text[], decision_bits smallint[], shapes text[], shape_of integer[],
  subjects text[], subject_of integer[]
) returns table (first_record bigint, first_sequence bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as $$
#variable_conflict use_column
declare
  bytes constant bytea := convert_to(bodies, 'UTF8');
  records constant integer := cardinality(body_bytes);
  entries constant bigint := (select sum(n) from unnest(entry_counts) n);
  batch_from constant timestamptz := (select min(t) from unnest(ats) t);
  batch_to constant timestamptz := (select max(t) from unnest(ats) t);
  base_record bigint;
  base_sequence bigint;
  mark_record bigint;
  mark_at timestamptz;
  shape_ids integer[];
  offsets bigint[];
begin
  if records is null or records = 0 or (records, records, records, records, records, records, records, records) <>
      (cardinality(entry_counts), cardinality(ats), cardinality(kinds), cardinality(actor_ids), cardinality(purposes),
       cardinality(case_refs), cardinality(decision_bits), cardinality(shape_of))
    or cardinality(subjects) <> cardinality(subject_of) then
    raise exception 'the arrays of audit.append run parallel' using errcode = 'invalid_parameter_value';
  end if;
  offsets := array(select sum(n) over (order by i) - n from unnest(body_bytes) with ordinality as b (n, i) order by i);
  if octet_length(bytes) <> offsets[records] + body_bytes[records] or exists (
    select from unnest(offsets, body_bytes, entry_counts) as b (start, length, entry_count)
    cross join lateral convert_from(substring(bytes from start::integer + 1 for length), 'UTF8') as body
    where jsonb_array_length(body::jsonb -> 'entries') is distinct from entry_count) then
    raise exception 'a body and its measures differ' using errcode = 'invalid_parameter_value';
  end if;
  -- A role or database that commits without waiting for the disk would make "durable" untrue.
  perform set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';

  update audit.head as h set
    next_record = h.next_record + records,
    next_sequence = h.next_sequence + entries,
    latest_at = greatest(h.latest_at, batch_to),
    lateness_max = greatest(h.lateness_max, greatest(h.latest_at, batch_to) - batch_from),
    (marked_record, marked_at) = (
      select case when due then h.next_record else h.marked_record end,
        case when due then h.latest_at else h.marked_at end
      from (select h.latest_at >= h.marked_at + interval '1 second') as mark (due))
  returning h.next_record - records, h.next_sequence - entries, h.marked_record, h.marked_at
  into base_record, base_sequence, mark_record, mark_at;
  if mark_record = base_record then
    insert into audit.time_mark values (mark_record, mark_at);
  end if;

  with made as (
    insert into audit.shape (digest, coordinates)
    select sha256(convert_to(s, 'UTF8')), string_to_array(s, E'\n') from unnest(shapes) s
    where not exists (select from audit.shape k where k.digest = sha256(convert_to(s, 'UTF8')))
    returning id, coordinates)
  insert into audit.shape_coordinate select c, made.id from made cross join unnest(made.coordinates) c;
  shape_ids := array(
    select k.id from unnest(shapes) with ordinality as s (text, i)
    join audit.shape k on k.digest = sha256(convert_to(s.text, 'UTF8')) order by s.i);

  insert into audit.record (record_no, first_sequence, at, entry_count, shape_id, decisions, kind, actor_id, purpose,
    case_ref, body)
  select base_record + i - 1, base_sequence + sum(entry_count) over (order by i) - entry_count, at, entry_count,
    shape_ids[shape], bits, kind, actor_id, purpose, case_ref, substring(bytes from start::integer + 1 for length)
  from unnest(entry_counts, ats, shape_of, decision_bits, kinds, actor_ids, purposes, case_refs, offsets, body_bytes)
    with ordinality as r (entry_count, at, shape, bits, kind, actor_id, purpose, case_ref, start, length, i);

  insert into audit.subject (addressee_no, record_no)
  select s.addressee_no, base_record + s.record - 1 from unnest(subjects, subject_of) as s (addressee_no, record);

  return query select base_record, base_sequence;
end $$;

-- One line per entry, for auditors' questions and exports. `context` is what the entries of one record share.
create view audit.entry with (security_invoker = true) as
select
  r.first_sequence + e.place - 1 as sequence, r.record_no, r.at, r.kind, r.actor_id, r.purpose, r.case_ref,
  e.entry ->> 'coordinate' as coordinate, e.entry ->> 'decision' as decision, e.entry ->> 'reason' as reason,
  (e.entry ->> 'rows')::bigint as rows, coalesce((e.entry ->> 'raised')::boolean, false) as raised,
  coalesce(b.document -> 'subjects' -> (e.entry ->> 'subjects')::integer, '[]') as subjects,
  b.document - 'entries' - 'subjects' as context
from audit.record r
cross join lateral (select convert_from(r.body, 'UTF8')::jsonb as document offset 0) b
cross join lateral jsonb_array_elements(b.document -> 'entries') with ordinality as e (entry, place);

revoke all on all tables in schema audit from public;
revoke all on all functions in schema audit from public;
grant usage on schema audit to kuramori_gateway, kuramori_loader;
grant select on all tables in schema audit to kuramori_gateway;
grant execute on function audit.ensure_partitions(integer) to kuramori_gateway, kuramori_loader;
grant execute on function audit.append(text, integer[], integer[], timestamptz[], text[], text[], text[], text[],
  smallint[], text[], integer[], text[], integer[]) to kuramori_gateway, kuramori_loader;
