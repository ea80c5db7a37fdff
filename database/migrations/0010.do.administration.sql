-- What the pages of administration need, and the news of a decision for whoever suggested a phrase.

-- Decisions that nobody has been shown yet: a handful a person.
create index phrase_suggestions_news_idx on phrase_suggestions (user_id, id) where decided_at is not null and seen_at is null;

-- What administrators set from the browser: one row at most, none until somebody has set something.
create table site_settings (
  id boolean not null default true,
  registration_open boolean not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint site_settings_pkey primary key (id),
  constraint site_settings_one_row check (id)
);

create trigger site_settings_set_updated_at before update on site_settings for each row execute function set_updated_at();

-- Accounts are looked for by any part of what names them. No line break is in any of the three, so nothing is found across them.
create extension if not exists pg_trgm;

create index users_search_idx on users
  using gin (lower(email::text || E'\n' || display_name || E'\n' || slug) gin_trgm_ops);

-- The audit log of one kind.
create index audit_events_action_idx on audit_events (action, id desc);
