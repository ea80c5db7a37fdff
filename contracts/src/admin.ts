import { z } from 'zod'
import { User } from './auth.ts'
import { text, Timestamp } from './common.ts'
import { PageQuery } from './paging.ts'

/** An account as an administrator sees it. `last_seen_at`: when a session of it was last used, null when none is kept. */
export const AdminUser = User.extend({ active: z.boolean(), last_seen_at: Timestamp.nullable() })
export type AdminUser = z.infer<typeof AdminUser>

/** GET `/admin/users`: `q` is looked for in e-mail address, name and address of the page. */
export const AdminUserQuery = PageQuery.extend({ q: text({ max: 100 }).optional() })

/** GET `/admin/users`, newest first. */
export const AdminUserList = z.object({ users: z.array(AdminUser), next_cursor: z.string().nullable() })
export type AdminUserList = z.infer<typeof AdminUserList>
