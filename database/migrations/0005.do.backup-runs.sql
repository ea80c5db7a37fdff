-- What became of each backup and of each proof that one restores: read by the metrics, written by the owner of the schema alone.
create table backup_runs (
  id uuid not null default uuid_generate_v7(),
  kind text not null,
  succeeded boolean not null,
  -- the backup it is about; null when it failed before there was one
  backup_name text,
  bytes bigint,
  duration_ms integer not null,
  -- one sentence for the operator, never a value of a row
  detail text,
  finished_at timestamptz not null default now(),
  constraint backup_runs_pkey primary key (id),
  constraint backup_runs_kind check (kind in ('backup', 'proof')),
  constraint backup_runs_backup_name_length check (char_length(backup_name) between 1 and 200),
  constraint backup_runs_detail_length check (char_length(detail) between 1 and 1000)
);

create index backup_runs_kind_finished_at_idx on backup_runs (kind, finished_at desc);
