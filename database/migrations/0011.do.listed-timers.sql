-- Its owner wants the page of this timer to be found through search engines. That it is public is not that wish.
alter table timers add column is_listed boolean not null default false;

-- In an order that tells nothing of when they were made.
create index timers_listed_idx on timers (md5(id::text)) where is_listed;

drop trigger timers_raise_own_revision on timers;
create trigger timers_raise_own_revision before update on timers
  for each row
  when (
    (old.title, old.slug, old.started_at, old.share_level, old.archived_at, old.is_listed)
    is distinct from (new.title, new.slug, new.started_at, new.share_level, new.archived_at, new.is_listed)
  )
  execute function raise_own_revision();
