-- Links that show a timer to whoever holds them, at a level of their own. Of the secret only its SHA-256.
create table secret_links (
  id uuid not null default uuid_generate_v7(),
  timer_id uuid not null,
  secret_hash bytea not null,
  share_level text not null,
  -- null: good until it is revoked
  expires_at timestamptz,
  -- right to the minute
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint secret_links_pkey primary key (id),
  constraint secret_links_timer_id_fkey foreign key (timer_id) references timers (id) on delete cascade,
  constraint secret_links_secret_hash_key unique (secret_hash),
  constraint secret_links_secret_hash_length check (octet_length(secret_hash) = 32),
  constraint secret_links_share_level check (share_level in ('count', 'stats', 'notes', 'history'))
);

create index secret_links_timer_id_idx on secret_links (timer_id, id desc);
create index secret_links_expires_at_idx on secret_links (expires_at) where expires_at is not null;

create trigger secret_links_set_updated_at before update on secret_links for each row execute function set_updated_at();

-- Twenty a timer. The lock on the timer's row makes those who come at once wait for one another, so that each sees all before it.
create function refuse_too_many_links() returns trigger
  language plpgsql
as $$
begin
  perform from timers where id = new.timer_id for no key update;
  if (select count(*) from secret_links where timer_id = new.timer_id) >= 20 then
    raise exception 'a timer has 20 links at most'
      using errcode = 'check_violation', constraint = 'secret_links_at_most_20', table = 'secret_links';
  end if;
  return new;
end
$$;

create trigger secret_links_at_most_20 before insert on secret_links
  for each row execute function refuse_too_many_links();

-- Whatever a visitor sees of a timer itself raises its revision, however it is changed; a statement that has done so is not counted twice.
create function raise_own_revision() returns trigger
  language plpgsql
as $$
begin
  if new.revision = old.revision then
    new.revision := old.revision + 1;
  end if;
  return new;
end
$$;

create trigger timers_raise_own_revision before update on timers
  for each row
  when (
    (old.title, old.slug, old.started_at, old.share_level, old.archived_at)
    is distinct from (new.title, new.slug, new.started_at, new.share_level, new.archived_at)
  )
  execute function raise_own_revision();

-- Tells every instance of the API which timers have changed for those who look at them: once a statement and timer, when its transaction
-- commits. What they have become is for the instances to read.
create function announce_changed_timers() returns trigger
  language plpgsql
as $$
begin
  perform pg_notify('timer_changes', n.id::text)
  from changed n join former o on o.id = n.id
  where n.revision <> o.revision;
  return null;
end
$$;

create trigger timers_announce_changes after update on timers
  referencing old table as former new table as changed for each statement execute function announce_changed_timers();

create function announce_deleted_timers() returns trigger
  language plpgsql
as $$
begin
  perform pg_notify('timer_changes', id::text) from former;
  return null;
end
$$;

create trigger timers_announce_deletion after delete on timers
  referencing old table as former for each statement execute function announce_deleted_timers();

-- The same for links: a revoked one shows nothing any more. That one was used is no change.
create function announce_changed_links() returns trigger
  language plpgsql
as $$
begin
  perform pg_notify('timer_changes', t.timer_id::text)
  from (
    select distinct n.timer_id
    from changed n join former o on o.id = n.id
    where (n.share_level, n.expires_at) is distinct from (o.share_level, o.expires_at)
  ) t;
  return null;
end
$$;

create trigger secret_links_announce_changes after update on secret_links
  referencing old table as former new table as changed for each statement execute function announce_changed_links();

create function announce_deleted_links() returns trigger
  language plpgsql
as $$
begin
  perform pg_notify('timer_changes', t.timer_id::text) from (select distinct timer_id from former) t;
  return null;
end
$$;

create trigger secret_links_announce_deletion after delete on secret_links
  referencing old table as former for each statement execute function announce_deleted_links();
