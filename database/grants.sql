-- What the application's own role may do: read and write rows, nothing else. Run after every migration; :app_role is
-- replaced by the quoted name of the role in DATABASE_URL.
grant usage on schema public to :app_role;
grant select, insert, update, delete on all tables in schema public to :app_role;
-- append-only
revoke update, delete on audit_events, incident_revisions from :app_role;
-- fixed by migrations, or written by the owner's tools
revoke insert, update, delete on roles, schemaversion, backup_runs from :app_role;
-- not even temporary tables
do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$;
