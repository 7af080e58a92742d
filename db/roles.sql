-- Roles of least privilege. The owner of the database runs this after `llmref migrate`, and after each further one; it may be run again.
--   psql "$DATABASE_URL" --set ON_ERROR_STOP=1 --single-transaction --file db/roles.sql
-- These roles cannot log in. Give each process a login of its own that is a member of what it needs:
--   create role api login password '…' in role llmref_reader;
--   create role timer login password '…' in role llmref_ingester;
-- Every table is named here, so that a new one is closed until somebody has decided who needs it.

do $$
declare
  role text;
begin
  foreach role in array array['llmref_reader', 'llmref_ingester', 'llmref_meter', 'llmref_keys'] loop
    if not exists (select from pg_roles where rolname = role) then
      execute format('create role %I nologin', role);
    end if;
  end loop;
  -- What everybody may do by default: make temporary tables, and be here at all.
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to llmref_reader, llmref_ingester, llmref_meter, llmref_keys', current_database());
  -- Rows are copied into a temporary table and merged from there.
  execute format('grant temporary on database %I to llmref_ingester', current_database());
end $$;

-- Large objects are rows that anybody may make, whatever tables there are. Only a superuser can take that away.
do $$
begin
  if (select rolsuper from pg_roles where rolname = current_user) then
    revoke execute on function lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) from public;
  elsif has_function_privilege('public', 'lo_create(oid)', 'execute') then
    raise warning 'every role may still make large objects: let a superuser run this once';
  end if;
end $$;

revoke all on schema public from public;
grant usage on schema public to llmref_reader, llmref_ingester, llmref_meter, llmref_keys;
revoke all on all tables in schema public from public, llmref_reader, llmref_ingester, llmref_meter, llmref_keys;

-- Who answers signs decision records.
grant select on record_key to llmref_reader;

-- `llmref serve` asks whether the schema is the newest.
grant select on alembic_version to llmref_reader, llmref_ingester, llmref_meter, llmref_keys;

-- What was obtained and said, and what became different: appended and marked, never deleted.
grant select on catalog_revision, source, retrieval, subject, statement, fact_change, price_change to llmref_reader;
grant select, insert, update on catalog_revision, source, retrieval, subject, statement, fact_change, price_change
  to llmref_ingester;

-- What follows from that, and is made anew.
grant select on alias, benchmark, benchmark_result, dispute, lab, license, model, moving_target, price, provider, route, successor
  to llmref_reader;
grant select, insert, update, delete on
  alias, benchmark, benchmark_result, dispute, lab, license, model, moving_target, price, provider, route, successor
  to llmref_ingester;
grant usage on all sequences in schema public to llmref_ingester;

-- API keys: a serving process looks them up and counts what they are used for, so it is a member of llmref_meter beside
-- llmref_reader; who issues and revokes them is a member of llmref_keys.
grant select, update (last_used_at) on api_key to llmref_meter;
grant select, insert, update, delete on api_key_usage to llmref_meter;
grant select, insert, update, delete on api_key, api_key_usage to llmref_keys;
