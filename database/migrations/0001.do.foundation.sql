-- What every table stands on: keys, case-insensitive text, and the one trigger that keeps updated_at.

create extension if not exists citext;

-- uuid_generate_v7(): from the pg_uuidv7 extension where the server has it, else the same in SQL
-- (48 bits of milliseconds, version 7, variant 10, 74 random bits; RFC 9562 section 5.7).
do $$
begin
  if exists (select from pg_available_extensions where name = 'pg_uuidv7') then
    create extension if not exists pg_uuidv7;
  else
    create function uuid_generate_v7() returns uuid
      language sql volatile parallel safe
      return encode(
        set_bit(
          set_bit(
            overlay(
              uuid_send(gen_random_uuid())
              placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
              from 1 for 6
            ),
            52, 1
          ),
          53, 1
        ),
        'hex'
      )::uuid;
  end if;
end
$$;

create function set_updated_at() returns trigger
  language plpgsql
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;
