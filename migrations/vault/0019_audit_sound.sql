-- 監査ログ: entering looks whether a line is JSON before it tries to read it. A hundred thousand lines that are none, each of
-- which fails a try of its own, took nearly the time that a statement has. And nothing is looked for when nothing waits.
-- Written by hand.

create or replace function audit.document_of(body text) returns jsonb language plpgsql stable as $$
begin
  return case when pg_input_is_valid(body, 'jsonb') then
    case when audit.is_sound(body::jsonb) then body::jsonb else audit.defective() end
  else audit.defective() end;
exception when data_exception or program_limit_exceeded then
  return audit.defective();
end $$;

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
  if low = (select h.next_record from audit.head h) then
    entered := low;
    behind := 0;
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
          r.entry_count,
          case when careful then audit.document_of(r.line) else r.line::jsonb end as document
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
