-- Several timers a user, and what is known of a timer's incidents without reading all of them: how many there are, and the runs
-- between them. Both are kept by the triggers below, whoever writes.

-- The owner lets visitors see that the incident was changed then.
alter table incidents add column corrected_at timestamptz;

-- Incidents of the timer, those undone not counted.
alter table timers add column incident_count integer not null default 0;

-- A run that has ended: from `began_at` to the incident that ended it. The incident before it began it, or the start of the timer where
-- that lies before the first incident; what lies before a later start has no run of its own. No foreign key to the incident: the
-- triggers take the row away with it, and nothing else writes here.
create table incident_runs (
  incident_id uuid not null,
  timer_id uuid not null,
  began_at timestamptz not null,
  ended_at timestamptz not null,
  -- in microseconds, in which times are kept
  run_us bigint not null,
  created_at timestamptz not null default now(),
  constraint incident_runs_pkey primary key (incident_id),
  constraint incident_runs_timer_id_fkey foreign key (timer_id) references timers (id) on delete cascade,
  constraint incident_runs_run_us_positive check (run_us >= 0)
);

-- The longest first, and the earlier one of two that are equally long.
create index incident_runs_timer_id_run_us_idx on incident_runs (timer_id, run_us desc, ended_at);

create function microseconds_between(began timestamptz, ended timestamptz) returns bigint
  language sql immutable parallel safe
  return (extract(epoch from ended - began) * 1000000)::bigint;

-- All runs of these timers anew, in one pass.
create function rebuild_incident_runs(timer_ids uuid[]) returns void
  language plpgsql
as $$
begin
  delete from incident_runs where timer_id = any (timer_ids);
  insert into incident_runs (incident_id, timer_id, began_at, ended_at, run_us)
  select run.id, run.timer_id, run.began_at, run.ended_at, microseconds_between(run.began_at, run.ended_at)
  from (
    select
      i.id, i.timer_id, i.occurred_at as ended_at,
      coalesce(
        lag(i.occurred_at) over (partition by i.timer_id order by i.occurred_at, i.id),
        case when t.started_at < i.occurred_at then t.started_at end
      ) as began_at
    from incidents i
    join timers t on t.id = i.timer_id
    where i.timer_id = any (timer_ids) and i.undone_at is null
  ) run
  where run.began_at is not null;
end
$$;

-- The runs that end at these incidents anew; those that are undone or gone end none.
create function mend_incident_runs(incident_ids uuid[]) returns void
  language plpgsql
as $$
begin
  delete from incident_runs where incident_id = any (incident_ids);
  insert into incident_runs (incident_id, timer_id, began_at, ended_at, run_us)
  select i.id, i.timer_id, run.began_at, i.occurred_at, microseconds_between(run.began_at, i.occurred_at)
  from unnest(incident_ids) as mended (id)
  join incidents i on i.id = mended.id and i.undone_at is null
  join timers t on t.id = i.timer_id
  cross join lateral (
    select coalesce(
      (
        select before.occurred_at
        from incidents before
        where before.timer_id = i.timer_id and before.undone_at is null
          and (before.occurred_at, before.id) < (i.occurred_at, i.id)
        order by before.occurred_at desc, before.id desc
        limit 1
      ),
      case when t.started_at < i.occurred_at then t.started_at end
    ) as began_at
  ) run
  where run.began_at is not null;
end
$$;

-- What a statement does to incidents is done to their timers: the revision, because a visitor could see it; the number of incidents; the
-- runs. The update of the timer comes first: it takes the row's lock, so that changes of one timer happen one after the other, and
-- what follows sees all that others have done.
create function follow_incidents() returns trigger
  language plpgsql
as $$
declare
  -- where an incident was and is no more, or is and was not
  timer_ids uuid[];
  times timestamptz[];
  ids uuid[];
  many uuid[];
  overfull boolean;
begin
  if tg_op = 'INSERT' then
    with followed as (
      update timers t
      set revision = t.revision + 1, incident_count = t.incident_count + c.difference
      from (
        select timer_id, count(*) filter (where undone_at is null) as difference from added group by timer_id
      ) c
      where t.id = c.timer_id
      returning t.incident_count, c.difference
    )
    select bool_or(incident_count > 100000 and difference > 0) into overfull from followed;
    select array_agg(timer_id), array_agg(occurred_at), array_agg(id) into timer_ids, times, ids
    from added where undone_at is null;
  elsif tg_op = 'DELETE' then
    update timers t
    set revision = t.revision + 1, incident_count = t.incident_count - c.difference
    from (
      select timer_id, count(*) filter (where undone_at is null) as difference from removed group by timer_id
    ) c
    where t.id = c.timer_id;
    select array_agg(timer_id), array_agg(occurred_at), array_agg(id) into timer_ids, times, ids
    from removed where undone_at is null;
  else
    with followed as (
      update timers t
      set revision = t.revision + 1, incident_count = t.incident_count + c.difference
      from (
        select timer_id, coalesce(sum(way) filter (where undone_at is null), 0) as difference
        from (select timer_id, undone_at, 1 as way from added union all select timer_id, undone_at, -1 from removed) moved
        group by timer_id
      ) c
      where t.id = c.timer_id
      returning t.incident_count, c.difference
    )
    select bool_or(incident_count > 100000 and difference > 0) into overfull from followed;
    select array_agg(timer_id), array_agg(occurred_at), array_agg(id) into timer_ids, times, ids
    from (
      (
        select timer_id, occurred_at, id from removed where undone_at is null
        except select timer_id, occurred_at, id from added where undone_at is null
      )
      union all
      (
        select timer_id, occurred_at, id from added where undone_at is null
        except select timer_id, occurred_at, id from removed where undone_at is null
      )
    ) moved;
  end if;

  -- A trigger and not a check constraint: a timer that had more before there was a limit can still lose some.
  if overfull then
    raise exception 'a timer has at most 100,000 incidents'
      using errcode = 'check_violation', constraint = 'timers_incident_count_limit', table = 'timers';
  end if;
  if ids is null then return null; end if;

  -- Of much that changed all runs are computed anew: one pass is faster than as many looks for neighbours, and those would have to
  -- pass by every row that the statement has left behind. Timers that are gone take their runs along.
  select array_agg(t.id) into many
  from (select timer_id, count(*) as places from unnest(timer_ids) as place (timer_id) group by timer_id) p
  join timers t on t.id = p.timer_id
  where p.places > 100 and (tg_op <> 'INSERT' or p.places * 4 > t.incident_count);
  if many is not null then perform rebuild_incident_runs(many); end if;

  perform mend_incident_runs(array_agg(touched.id))
  from (
    select place.id
    from unnest(timer_ids, ids) as place (timer_id, id)
    join timers t on t.id = place.timer_id
    where many is null or place.timer_id <> all (many)
    union
    select next.id
    from unnest(timer_ids, times, ids) as place (timer_id, occurred_at, id)
    join timers t on t.id = place.timer_id
    cross join lateral (
      select i.id
      from incidents i
      where i.timer_id = place.timer_id and i.undone_at is null and (i.occurred_at, i.id) > (place.occurred_at, place.id)
      order by i.occurred_at, i.id
      limit 1
    ) next
    where many is null or place.timer_id <> all (many)
  ) touched
  having count(*) > 0;
  return null;
end
$$;

drop trigger incidents_raise_revision_on_insert on incidents;
drop trigger incidents_raise_revision_on_update on incidents;
drop trigger incidents_raise_revision_on_delete on incidents;
drop function raise_timer_revision();

create trigger incidents_follow_insert after insert on incidents
  referencing new table as added for each statement execute function follow_incidents();
create trigger incidents_follow_update after update on incidents
  referencing old table as removed new table as added for each statement execute function follow_incidents();
create trigger incidents_follow_delete after delete on incidents
  referencing old table as removed for each statement execute function follow_incidents();

-- Only the first incident's run depends on the start.
create function follow_start() returns trigger
  language plpgsql
as $$
begin
  perform mend_incident_runs(array_agg(first.id))
  from (
    select i.id
    from incidents i
    where i.timer_id = new.id and i.undone_at is null
    order by i.occurred_at, i.id
    limit 1
  ) first
  having count(*) > 0;
  return null;
end
$$;

create trigger timers_follow_start after update of started_at on timers
  for each row when (old.started_at is distinct from new.started_at) execute function follow_start();

-- A new timer stands last, and there are at most 50. The lock on the user's row makes timers that come at once come one after the other.
create function join_other_timers() returns trigger
  language plpgsql
as $$
declare
  others integer;
begin
  perform from users where id = new.user_id for no key update;
  select count(*) into others from timers where user_id = new.user_id;
  if others >= 50 then
    raise exception 'a user has at most 50 timers'
      using errcode = 'check_violation', constraint = 'timers_limit_per_user', table = 'timers';
  end if;
  new.position := others;
  return new;
end
$$;

create trigger timers_join_others before insert on timers for each row execute function join_other_timers();

-- What is there already. Without touching updated_at, from which a browser knows whether it has seen the newest.
alter table timers disable trigger timers_set_updated_at;
update timers t
set incident_count = c.number
from (select timer_id, count(*) as number from incidents where undone_at is null group by timer_id) c
where t.id = c.timer_id;
alter table timers enable trigger timers_set_updated_at;
select rebuild_incident_runs(array_agg(id)) from timers;
