import { copyCheckout } from './engine.ts'

/** Builds every image of the production form, and gives what the engine said. They keep their names, so that what has not changed is not built anew. */
export async function buildLocalProd(): Promise<string> {
  const stack = await copyCheckout({ form: 'local-prod', name: 'images' })
  try {
    const { code, output } = await stack.run('env', '-u', 'COMPOSE_FILE', 'scripts/setup-production-env.sh', '--local')
    if (code !== 0) throw new Error(output)
    return await stack.compose('build')
  } finally {
    await stack.remove()
  }
}
