-- Whoever writes here that a session is dead tells every instance of the API in the same breath: none can forget to.
create function announce_revoked_session() returns trigger
  language plpgsql
as $$
begin
  perform pg_notify('revoked_sessions', new.session_id::text);
  return null;
end
$$;

create trigger revoked_sessions_announce after insert on revoked_sessions
  for each row execute function announce_revoked_session();

-- `device`: failures of a browser that has signed in to this account before; `code`: tries of the claim code.
alter table auth_throttle drop constraint auth_throttle_scope;
alter table auth_throttle
  add constraint auth_throttle_scope check (scope in ('account', 'network', 'registration', 'device', 'devices', 'code'));

-- Addresses that somebody had. They lead to the present one, and nobody else may take them, until they expire.
create table former_slugs (
  slug text not null,
  user_id uuid not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint former_slugs_pkey primary key (slug),
  constraint former_slugs_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint former_slugs_slug_length check (char_length(slug) between 1 and 60)
);

create trigger former_slugs_set_updated_at before update on former_slugs for each row execute function set_updated_at();

create index former_slugs_user_id_idx on former_slugs (user_id);
create index former_slugs_expires_at_idx on former_slugs (expires_at);

-- After the row, so after the unique index has waited for whoever is just giving the address up: that one's former address is
-- then to be seen. Raised as the violation of the unique key, because it means the same.
create function refuse_former_slug() returns trigger
  language plpgsql
as $$
begin
  if exists (
    select from former_slugs f where f.slug = new.slug and f.user_id <> new.id and f.expires_at > clock_timestamp()
  ) then
    raise exception 'this address was somebody else''s a short while ago'
      using errcode = 'unique_violation', constraint = 'users_slug_key', table = 'users';
  end if;
  return null;
end
$$;

create trigger users_refuse_former_slug_on_insert after insert on users
  for each row execute function refuse_former_slug();
create trigger users_refuse_former_slug_on_update after update of slug on users
  for each row when (old.slug is distinct from new.slug) execute function refuse_former_slug();

-- What a visitor sees of a timer's owner is a change of the timer too.
create function raise_revision_of_owner() returns trigger
  language plpgsql
as $$
begin
  update timers set revision = revision + 1 where user_id = new.id;
  return null;
end
$$;

create trigger users_raise_revision after update of display_name, slug, time_zone, active on users
  for each row
  when ((old.display_name, old.slug, old.time_zone, old.active) is distinct from (new.display_name, new.slug, new.time_zone, new.active))
  execute function raise_revision_of_owner();

-- Secrets that work once: the code with which the first administrator claims the site, and links to a new password. Only hashes,
-- and of the claim code the nonce from which the API derives it, with a key that is not in here.
create table one_time_codes (
  id uuid not null default uuid_generate_v7(),
  purpose text not null,
  -- whose password it sets; the claim code is nobody's
  user_id uuid,
  code_hash bytea not null,
  nonce bytea,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint one_time_codes_pkey primary key (id),
  constraint one_time_codes_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint one_time_codes_code_hash_key unique (code_hash),
  constraint one_time_codes_purpose check (purpose in ('claim', 'reset-password')),
  constraint one_time_codes_form check (
    octet_length(code_hash) = 32
    and (purpose = 'reset-password') = (user_id is not null)
    and (purpose = 'claim') = (nonce is not null)
  )
);

create trigger one_time_codes_set_updated_at before update on one_time_codes for each row execute function set_updated_at();

-- only the newest of each works
create unique index one_time_codes_one_claim on one_time_codes (purpose) where purpose = 'claim';
create unique index one_time_codes_one_reset_per_user on one_time_codes (user_id) where purpose = 'reset-password';

-- Whose account an event is about, beside who did it: an owner sees what an administrator did to their account, and an
-- administrator's own list is not full of what they did to others.
alter table audit_events
  add column subject_id uuid,
  -- whoever runs the machine did it: told apart from an administrator whose account is gone
  add column by_operator boolean not null default false,
  add constraint audit_events_subject_id_fkey foreign key (subject_id) references users (id) on delete set null;

update audit_events set subject_id = actor_id;

create index audit_events_subject_id_idx on audit_events (subject_id, id desc);

-- Reading all incidents of a timer, and deleting them with it: the other index leaves out what was undone.
create index incidents_timer_id_idx on incidents (timer_id, id);

-- The same for revisions, which are read by pages.
drop index incident_revisions_timer_id_idx;
create index incident_revisions_timer_id_idx on incident_revisions (timer_id, id);
