create table timers (
  id uuid not null default uuid_generate_v7(),
  user_id uuid not null,
  slug text not null,
  is_default boolean not null default false,
  title text not null,
  -- since when it counts; the current run starts here while there is no incident
  started_at timestamptz not null default now(),
  share_level text not null default 'private',
  position integer not null default 0,
  archived_at timestamptz,
  -- grows with every change that a visitor could see; the id of live events
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint timers_pkey primary key (id),
  constraint timers_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint timers_user_id_slug_key unique (user_id, slug),
  constraint timers_slug_length check (char_length(slug) between 1 and 60),
  constraint timers_title_length check (char_length(title) between 1 and 100),
  constraint timers_share_level check (share_level in ('private', 'count', 'stats', 'notes', 'history')),
  -- the default timer keeps the address of the original site, and no other timer may take it
  constraint timers_default_slug check (is_default = (slug = 'incident-timer')),
  constraint timers_started_at_range check (started_at >= '1000-01-01T00:00:00Z' and started_at < '9999-01-01T00:00:00Z')
);

create unique index timers_one_default_per_user on timers (user_id) where is_default;

create trigger timers_set_updated_at before update on timers for each row execute function set_updated_at();

create table incidents (
  id uuid not null default uuid_generate_v7(),
  timer_id uuid not null,
  occurred_at timestamptz not null default now(),
  notes text,
  undone_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint incidents_pkey primary key (id),
  constraint incidents_timer_id_fkey foreign key (timer_id) references timers (id) on delete cascade,
  constraint incidents_notes_length check (char_length(notes) between 1 and 2000),
  constraint incidents_occurred_at_range check (occurred_at >= '1000-01-01T00:00:00Z' and occurred_at < '9999-01-01T00:00:00Z')
);

create index incidents_timer_id_occurred_at_idx on incidents (timer_id, occurred_at desc, id desc) where undone_at is null;

create trigger incidents_set_updated_at before update on incidents for each row execute function set_updated_at();

-- A trigger and not a check constraint, so that a restore cannot fail on a clock that is behind.
create function refuse_future_incident() returns trigger
  language plpgsql
as $$
begin
  if new.occurred_at > clock_timestamp() then
    raise exception 'an incident cannot lie in the future'
      using errcode = 'check_violation', constraint = 'incidents_occurred_at_not_future', table = 'incidents';
  end if;
  return new;
end
$$;

create trigger incidents_refuse_future before insert or update of occurred_at on incidents
  for each row execute function refuse_future_incident();

create function refuse_future_start() returns trigger
  language plpgsql
as $$
begin
  if new.started_at > clock_timestamp() then
    raise exception 'a timer cannot start in the future'
      using errcode = 'check_violation', constraint = 'timers_started_at_not_future', table = 'timers';
  end if;
  return new;
end
$$;

create trigger timers_refuse_future before insert or update of started_at on timers
  for each row execute function refuse_future_start();

-- Every change of incidents is one a visitor could see. Once a statement, not once a row: a row that is updated again and
-- again in one transaction costs more each time. The update also takes the timer's row lock, so that changes of one timer
-- happen one after the other.
create function raise_timer_revision() returns trigger
  language plpgsql
as $$
begin
  update timers set revision = revision + 1 where id in (select distinct timer_id from changed);
  return null;
end
$$;

create trigger incidents_raise_revision_on_insert after insert on incidents
  referencing new table as changed for each statement execute function raise_timer_revision();
create trigger incidents_raise_revision_on_update after update on incidents
  referencing new table as changed for each statement execute function raise_timer_revision();
create trigger incidents_raise_revision_on_delete after delete on incidents
  referencing old table as changed for each statement execute function raise_timer_revision();

-- What an edit, delete or undo changed. Append-only: the application's role may only insert and read. No foreign key to
-- the incident, because the revision of a deleted one must stay.
create table incident_revisions (
  id uuid not null default uuid_generate_v7(),
  timer_id uuid not null,
  incident_id uuid not null,
  action text not null,
  occurred_at_before timestamptz not null,
  notes_before text,
  occurred_at_after timestamptz,
  notes_after text,
  created_at timestamptz not null default now(),
  constraint incident_revisions_pkey primary key (id),
  constraint incident_revisions_timer_id_fkey foreign key (timer_id) references timers (id) on delete cascade,
  constraint incident_revisions_action check (action in ('edited', 'deleted', 'undone'))
);

create index incident_revisions_incident_id_idx on incident_revisions (incident_id);
create index incident_revisions_timer_id_idx on incident_revisions (timer_id);

-- The first answer to a creating request, given again to whoever repeats it with the same key within a day.
create table idempotency_keys (
  user_id uuid not null,
  route text not null,
  key text not null,
  request_hash bytea not null,
  status integer,
  body text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint idempotency_keys_pkey primary key (user_id, route, key),
  constraint idempotency_keys_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint idempotency_keys_key_length check (char_length(key) between 1 and 255)
);

create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

create trigger idempotency_keys_set_updated_at before update on idempotency_keys
  for each row execute function set_updated_at();
