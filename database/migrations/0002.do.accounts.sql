create table users (
  id uuid not null default uuid_generate_v7(),
  email citext not null,
  display_name text not null,
  slug text not null,
  time_zone text not null default 'UTC',
  active boolean not null default true,
  -- an argon2id string; read by the sign-in query alone
  password_hash text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_pkey primary key (id),
  constraint users_email_key unique (email),
  constraint users_slug_key unique (slug),
  constraint users_email_length check (char_length(email::text) between 3 and 254),
  constraint users_display_name_length check (char_length(display_name) between 1 and 50),
  constraint users_time_zone_length check (char_length(time_zone) between 1 and 64),
  constraint users_slug_length check (char_length(slug) between 1 and 60)
);

create trigger users_set_updated_at before update on users for each row execute function set_updated_at();

create table roles (
  id uuid not null default uuid_generate_v7(),
  name text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint roles_pkey primary key (id),
  constraint roles_name_key unique (name)
);

create trigger roles_set_updated_at before update on roles for each row execute function set_updated_at();

insert into roles (name) values ('user'), ('admin');

create table user_roles (
  user_id uuid not null,
  role_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_roles_pkey primary key (user_id, role_id),
  constraint user_roles_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint user_roles_role_id_fkey foreign key (role_id) references roles (id) on delete restrict
);

create trigger user_roles_set_updated_at before update on user_roles for each row execute function set_updated_at();

create index user_roles_role_id_idx on user_roles (role_id);

-- Who did what that matters to security, and when. No name, no address, no secret: a deleted account leaves a bare event.
create table audit_events (
  id uuid not null default uuid_generate_v7(),
  actor_id uuid,
  action text not null,
  target_id uuid,
  created_at timestamptz not null default now(),
  constraint audit_events_pkey primary key (id),
  constraint audit_events_actor_id_fkey foreign key (actor_id) references users (id) on delete set null
);

create index audit_events_actor_id_idx on audit_events (actor_id, id desc);
