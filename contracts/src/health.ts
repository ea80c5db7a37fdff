import { z } from 'zod'

/** GET `/health`: the process answers. Touches no dependency. */
export const Health = z.object({ status: z.literal('healthy'), service: z.string(), version: z.string() })

/** GET `/health/db` and `/health/ready` when all is well. */
export const HealthWithDatabase = Health.extend({ database: z.literal('connected') })

/** The one 503 that is no problem document. */
export const Unhealthy = z.object({ status: z.literal('unhealthy'), database: z.enum(['connected', 'disconnected']) })
