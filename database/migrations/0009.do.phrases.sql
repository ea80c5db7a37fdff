-- What stands over a clock. A deleted one stays, inactive: people may have hidden it, or suggested it.
create table phrases (
  id uuid not null default uuid_generate_v7(),
  phrase_text text not null,
  mood text not null default 'steady',
  active boolean not null default true,
  -- whole numbers from 1 on, without large holes: one is drawn by its number, so that nothing has to be sorted; 0 asks for the next
  place integer not null default 0,
  -- who wrote it, or suggested it; null for those that came with the site
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint phrases_pkey primary key (id),
  constraint phrases_created_by_fkey foreign key (created_by) references users (id) on delete set null,
  constraint phrases_place_key unique (place),
  constraint phrases_place_positive check (place > 0),
  constraint phrases_phrase_text_length check (char_length(phrase_text) between 5 and 200),
  constraint phrases_mood check (mood in ('early', 'steady', 'milestone', 'after_reset'))
);

create index phrases_mood_place_idx on phrases (mood, place) where active;
create index phrases_created_by_idx on phrases (created_by);
create index phrases_words_idx on phrases using gin (to_tsvector('simple', phrase_text));

create trigger phrases_set_updated_at before update on phrases for each row execute function set_updated_at();

-- Numbers are given one after the other. A sequence would leave holes, and have to be set anew after a restore.
create function place_phrase() returns trigger
  language plpgsql
as $$
begin
  perform pg_advisory_xact_lock(7101920);
  select coalesce(max(place), 0) + 1 into new.place from phrases;
  return new;
end
$$;

create trigger phrases_place before insert on phrases
  for each row when (new.place = 0) execute function place_phrase();

create table phrase_suggestions (
  id uuid not null default uuid_generate_v7(),
  user_id uuid not null,
  phrase_text text not null,
  status text not null default 'pending',
  admin_id uuid,
  admin_reason text,
  decided_at timestamptz,
  -- when the one who suggested it was shown the decision
  seen_at timestamptz,
  -- what an approved one became
  phrase_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint phrase_suggestions_pkey primary key (id),
  constraint phrase_suggestions_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint phrase_suggestions_admin_id_fkey foreign key (admin_id) references users (id) on delete set null,
  constraint phrase_suggestions_phrase_id_fkey foreign key (phrase_id) references phrases (id) on delete set null,
  constraint phrase_suggestions_phrase_text_length check (char_length(phrase_text) between 5 and 200),
  constraint phrase_suggestions_admin_reason_length check (char_length(admin_reason) <= 500),
  constraint phrase_suggestions_status check (status in ('pending', 'approved', 'rejected')),
  constraint phrase_suggestions_decided check ((status = 'pending') = (decided_at is null))
);

create index phrase_suggestions_user_id_idx on phrase_suggestions (user_id, id desc);
create index phrase_suggestions_admin_id_idx on phrase_suggestions (admin_id);
create index phrase_suggestions_phrase_id_idx on phrase_suggestions (phrase_id);
create index phrase_suggestions_pending_idx on phrase_suggestions (id) where status = 'pending';

create trigger phrase_suggestions_set_updated_at before update on phrase_suggestions
  for each row execute function set_updated_at();

-- Twenty that wait, a person. The lock on the person's row makes those who come at once wait for one another.
create function refuse_too_many_suggestions() returns trigger
  language plpgsql
as $$
begin
  perform from users where id = new.user_id for no key update;
  if (select count(*) from phrase_suggestions where user_id = new.user_id and status = 'pending') >= 20 then
    raise exception 'a person has 20 pending suggestions at most'
      using errcode = 'check_violation', constraint = 'phrase_suggestions_at_most_20', table = 'phrase_suggestions';
  end if;
  return new;
end
$$;

create trigger phrase_suggestions_at_most_20 before insert on phrase_suggestions
  for each row when (new.status = 'pending') execute function refuse_too_many_suggestions();

create table user_excluded_phrases (
  user_id uuid not null,
  phrase_id uuid not null,
  created_at timestamptz not null default now(),
  constraint user_excluded_phrases_pkey primary key (user_id, phrase_id),
  constraint user_excluded_phrases_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint user_excluded_phrases_phrase_id_fkey foreign key (phrase_id) references phrases (id) on delete cascade
);

create index user_excluded_phrases_phrase_id_idx on user_excluded_phrases (phrase_id);

-- Those that a site begins with. Here and nowhere else, so that what an administrator makes of them stays.
insert into phrases (mood, phrase_text) values
  ('steady', 'Quiet days are made, not found.'),
  ('after_reset', 'The count is zero. What you learned is not.'),
  ('early', 'Small numbers grow by being left alone.'),
  ('steady', 'The best news is that there is none.'),
  ('milestone', 'Look how far nothing has taken you.'),
  ('steady', 'Most of the work is not undoing it.'),
  ('after_reset', 'Begin again, with one more thing you know.'),
  ('early', 'The first days are the ones that ask the most.'),
  ('steady', 'What holds is checked before it breaks.'),
  ('milestone', 'A round number, made of ordinary days.'),
  ('steady', 'A dull log is a good log.'),
  ('after_reset', 'Every long run started on a day like this one.'),
  ('early', 'Nothing happened today: that is the whole plan.'),
  ('steady', 'Care is cheaper than repair.'),
  ('milestone', 'Wind the clock: it has earned it.'),
  ('steady', 'Let the hands move, and leave the rest in peace.'),
  ('after_reset', 'A clock that tells the truth is worth resetting.'),
  ('early', 'Slow is a speed, and it is enough.'),
  ('steady', 'Patience keeps better time than luck.'),
  ('milestone', 'This one goes in the book.');
