import type { Config } from '../../config.ts'
import { ApiError } from '../../http/api-error.ts'
import type { Database, Sql } from '../../platform/database.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { findRegistrationSetting, setRegistration } from './queries.ts'

/** Whether anybody new may sign up: not where whoever runs the machine has closed it; else as an administrator has said, open to begin with. */
export async function isRegistrationOpen(sql: Sql, config: Pick<Config, 'registrationOpen'>): Promise<boolean> {
  return config.registrationOpen && ((await findRegistrationSetting(sql)) ?? true)
}

/** Opens or closes registration, for all instances at once. Doing it again does nothing. @throws {ApiError} REGISTRATION_FIXED. */
export async function changeRegistration(
  { sql, config }: { sql: Database; config: Pick<Config, 'registrationOpen'> },
  { adminId, open }: { adminId: string; open: boolean },
): Promise<void> {
  if (open && !config.registrationOpen) throw new ApiError('REGISTRATION_FIXED')
  await sql.begin(async (sql) => {
    if (!(await setRegistration(sql, open))) return
    const action = open ? 'registration_opened' : 'registration_closed'
    await insertAuditEvent(sql, { action, actorId: adminId, subjectId: null })
  })
}
