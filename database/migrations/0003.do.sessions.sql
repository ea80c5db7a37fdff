-- One row a sign-in. Refresh tokens are 64 hexadecimal characters: the first 32 name the family (this row), the last 32
-- change at each use. Only SHA-256 hashes are kept, so a dump of this table signs nobody in.
create table sessions (
  id uuid not null default uuid_generate_v7(),
  user_id uuid not null,
  family_hash bytea not null,
  current_hash bytea not null,
  previous_hash bytea,
  generation integer not null default 0,
  rotated_at timestamptz not null default now(),
  -- when the current generation was first seen in use: from then the previous token has its last seconds
  used_at timestamptz,
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  absolute_expires_at timestamptz not null,
  user_agent text,
  ip text,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sessions_pkey primary key (id),
  constraint sessions_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint sessions_family_hash_key unique (family_hash),
  constraint sessions_hash_lengths check (
    octet_length(family_hash) = 32 and octet_length(current_hash) = 32 and octet_length(previous_hash) = 32
  ),
  constraint sessions_expiry_order check (expires_at <= absolute_expires_at),
  constraint sessions_user_agent_length check (char_length(user_agent) <= 256)
);

create trigger sessions_set_updated_at before update on sessions for each row execute function set_updated_at();

create index sessions_user_id_idx on sessions (user_id);
create index sessions_expires_at_idx on sessions (expires_at);
create index sessions_revoked_at_idx on sessions (revoked_at) where revoked_at is not null;

-- Sessions whose access tokens must be refused although they have not expired. No foreign key: the mark outlives the
-- account it speaks of. Swept after two token lifetimes.
create table revoked_sessions (
  session_id uuid not null,
  revoked_at timestamptz not null default now(),
  constraint revoked_sessions_pkey primary key (session_id)
);

create index revoked_sessions_revoked_at_idx on revoked_sessions (revoked_at);

-- Failures per account and per network, and new accounts per network. Keys are hashes or network prefixes.
create table auth_throttle (
  scope text not null,
  key text not null,
  failures integer not null default 0,
  window_ends_at timestamptz not null,
  blocked_until timestamptz not null default '-infinity',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint auth_throttle_pkey primary key (scope, key),
  constraint auth_throttle_scope check (scope in ('account', 'network', 'registration'))
);

create trigger auth_throttle_set_updated_at before update on auth_throttle for each row execute function set_updated_at();

create index auth_throttle_window_ends_at_idx on auth_throttle (window_ends_at);
