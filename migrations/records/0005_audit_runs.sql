-- 監査ログ, bodies of version 2 (docs/life-of-an-audit-entry.md): the coordinates of all entries stand in one text, and
-- what neighbours share is written once for all of them. Written by hand. Bodies of version 1 stay as they were written:
-- the view reads both.

-- A function that is called only to refuse: WHEN asks before every batch, without a call.
drop trigger forward on audit.head;
create trigger forward before update on audit.head for each row
  when (new.next_record < old.next_record or new.next_sequence < old.next_sequence)
  execute function audit.only_forward();
alter table audit.head enable always trigger forward;

drop function audit.append(text, integer[], integer[], timestamptz[], text[], text[], text[], text[], smallint[], text[],
  integer[], text[], integer[]);

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
revoke all on function audit.append(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[]) from public;
grant execute on function audit.append(text, integer[], timestamptz[], smallint[], text, integer[], text, integer[])
  to kuramori_gateway, kuramori_loader;

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
