import { RegistrationSetting } from '@kennwilliamson/contracts/admin'
import { RegistrationState } from '@kennwilliamson/contracts/auth'
import type { Config } from '../../config.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { changeRegistration, isRegistrationOpen } from './registration.ts'

interface Needs {
  sql: Database
  config: Config
}

/** Whether anybody new may sign up, for everyone. */
export function registrationStateRoutes({ sql, config }: Needs): Routes {
  return (app, _options, done) => {
    app.get(
      '/auth/registration',
      { schema: { summary: 'Whether anybody new may sign up', response: { 200: RegistrationState, ...problems(503) } } },
      async () => ({ open: await isRegistrationOpen(sql, config) }),
    )
    done()
  }
}

/** Opening and closing it. Guarded by the scope it stands in. */
export function registrationSettingRoutes({ sql, config }: Needs): Routes {
  return (app, _options, done) => {
    app.put(
      '/admin/registration',
      {
        schema: {
          summary: 'Let new people sign up, or not',
          body: RegistrationSetting,
          response: { 200: RegistrationSetting, ...problems(400, 401, 403, 409, 503) },
        },
      },
      async (request) => {
        const { registration } = request.body
        await changeRegistration({ sql, config }, { adminId: callerOf(request).userId, open: registration === 'open' })
        return { registration }
      },
    )
    done()
  }
}
