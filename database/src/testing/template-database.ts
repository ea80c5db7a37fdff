import postgres from 'postgres'
import { migrate } from '../migrate.ts'

/** The application's own role in tests: as in production it may read and write rows and nothing else. */
export const APP_ROLE = 'kennwilliamson_app'
const APP_PASSWORD = 'app-password-of-the-tests'
const TEMPLATE = 'kennwilliamson_template'

function withDatabase(url: string, database: string, user?: { name: string; password: string }): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  if (user) {
    changed.username = user.name
    changed.password = user.password
  }
  return changed.href
}

/** Makes the migrated template on a test server, once; every test file then gets a clone of it in a few milliseconds. */
export async function createTemplate(superuserUrl: string): Promise<string> {
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => undefined })
  try {
    await sql.unsafe(`drop database if exists ${TEMPLATE} with (force)`)
    await sql.unsafe(`
      do $$ begin
        if not exists (select from pg_roles where rolname = '${APP_ROLE}') then
          create role ${APP_ROLE} login password '${APP_PASSWORD}';
        end if;
      end $$
    `)
    await sql.unsafe(`create database ${TEMPLATE}`)
  } finally {
    await sql.end()
  }
  const url = withDatabase(superuserUrl, TEMPLATE)
  await migrate({ url, appRole: APP_ROLE })
  return url
}

/** A database of a test file's own. */
export interface TestDatabase {
  /** As the application signs in. */
  url: string
  /** As the owner: to look behind the scenes, to make time pass. */
  ownerUrl: string
  drop: () => Promise<void>
}

let counter = 0

/** Clones the template. */
export async function cloneTemplate(superuserUrl: string): Promise<TestDatabase> {
  const name = `test_${process.pid}_${Date.now().toString(36)}_${counter++}`
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => undefined })
  try {
    await sql.unsafe(`create database ${name} template ${TEMPLATE}`)
  } finally {
    await sql.end()
  }
  return {
    url: withDatabase(superuserUrl, name, { name: APP_ROLE, password: APP_PASSWORD }),
    ownerUrl: withDatabase(superuserUrl, name),
    async drop() {
      const admin = postgres(superuserUrl, { max: 1, onnotice: () => undefined })
      await admin.unsafe(`drop database if exists ${name} with (force)`)
      await admin.end()
    },
  }
}
