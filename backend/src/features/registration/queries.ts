import type { Sql } from '../../platform/database.ts'

/** Whether administrators let new people sign up; null while none has said so. */
export async function findRegistrationSetting(sql: Sql): Promise<boolean | null> {
  const [row] = await sql<{ registration_open: boolean }[]>`select registration_open from site_settings`
  return row?.registration_open ?? null
}

/** Lets new people sign up, or not. False when it was so already. */
export async function setRegistration(sql: Sql, open: boolean): Promise<boolean> {
  const rows = await sql<{ id: boolean }[]>`
    insert into site_settings as s (registration_open) values (${open})
    on conflict (id) do update set registration_open = excluded.registration_open
    where s.registration_open is distinct from excluded.registration_open
    returning s.id
  `
  return rows.length > 0
}
