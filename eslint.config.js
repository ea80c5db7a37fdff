// @ts-check
import safeql from '@ts-safeql/eslint-plugin/config'
import vue from 'eslint-plugin-vue'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** A freshly migrated database. `npm test` gives it; without it (in an editor, say) everything but the SQL is checked. */
const migratedDatabase = process.env.SAFEQL_DATABASE_URL

const tests = ['**/*.test.ts', '**/testing/**/*.ts', 'e2e/**/*.ts', 'bench/**/*.ts']
const checkedByProject = ['contracts/**/*.ts', 'database/**/*.ts', 'backend/**/*.ts', 'scripts/**/*.ts', 'nginx/**/*.ts', '*.ts']

/** Files that may read the environment, each because it is the one place where its process does so. */
const readsEnvironment = [
  'backend/src/config.ts',
  'backend/src/testing/run-api.ts',
  'scripts/**/*.ts',
  'database/src/*-cli.ts',
  'database/src/embedded-*.ts',
  '{contracts,database}/src/testing/*.ts',
  'frontend/nuxt.config.ts',
  'frontend/server/entry.ts',
  'e2e/**/*.ts',
  'bench/**/*.ts',
  '*.config.{js,ts}',
  '**/*.test.ts',
]

const notErasable = [
  { selector: 'TSEnumDeclaration', message: 'No enums: write one `as const` list and derive the type and the schema from it.' },
  { selector: "TSModuleDeclaration[kind!='global'][declare!=true]", message: 'No namespaces: a file is the namespace.' },
  { selector: 'TSParameterProperty', message: 'No parameter properties: declare the field and assign it.' },
  { selector: 'Decorator', message: 'No decorators: call a plain function instead.' },
]
const focusedOrSkipped = {
  selector:
    "MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(only|skip|todo|fixme|fails)$/], MemberExpression[object.object.name='test'][object.property.name='describe'][property.name=/^(only|skip|fixme)$/]",
  message: 'No focused or skipped tests: mend the test, or delete it and say why in the commit.',
}
const environment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Settings are read in backend/src/config.ts alone: take the value as an argument, or add it to the schema there.',
}
const unsafeSql = {
  selector: "CallExpression[callee.object.name=/^(sql|tx|db)$/][callee.property.name='unsafe']",
  message: 'No sql.unsafe: write the statement as sql`…` in a queries.ts, where it is checked against the schema.',
}
const unknownTag = {
  selector: "TaggedTemplateExpression:not([tag.name='sql']):not([tag.object.name='String'])",
  message: 'The SQL handle is always called `sql` (also inside sql.begin), because only that name is checked against the schema.',
}
const always = [...notErasable, focusedOrSkipped]

export default defineConfig(
  globalIgnores([
    '**/node_modules',
    '**/.nuxt',
    '**/.output',
    '**/.data',
    '**/.cache',
    '**/.runtime',
    '**/test-results',
    '**/public',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['**/*.js'], extends: [tseslint.configs.base] },
  {
    files: checkedByProject,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      // An async function without await keeps a promise of its signature, as Fastify's hooks and handlers ask.
      '@typescript-eslint/require-await': 'off',
    },
  },
  // The types of pages and components are checked by `nuxt typecheck`; a typed lint of .vue files costs more than it finds.
  { files: ['frontend/**/*.{ts,vue}', 'e2e/**/*.ts', 'bench/**/*.ts'], extends: [tseslint.configs.strict] },
  {
    files: ['frontend/**/*.vue'],
    extends: [vue.configs['flat/recommended'], vue.configs['no-layout-rules']],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // Nuxt names pages, layouts and app.vue by their place.
      'vue/multi-word-component-names': ['error', { ignores: ['default'] }],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-props-declaration': ['error', 'type-based'],
      'vue/define-emits-declaration': ['error', 'type-literal'],
      'vue/no-v-html': 'error',
      'vue/no-static-inline-styles': ['error', { allowBinding: false }],
      // Vue's own wish for optional props is already what the compiler checks.
      'vue/require-default-prop': 'off',
    },
  },
  {
    files: ['frontend/app/{pages,layouts}/**/*.vue', 'frontend/app/*.vue'],
    rules: { 'vue/multi-word-component-names': 'off' },
  },
  {
    files: ['**/*.{ts,vue,js}'],
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', ...always, environment],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'node:process', importNames: ['env'], message: 'Take settings from backend/src/config.ts.' }] },
      ],
    },
  },
  { files: readsEnvironment, rules: { 'no-restricted-syntax': ['error', ...always] } },
  {
    files: ['backend/src/**/*.ts'],
    ignores: [...tests, 'backend/src/config.ts'],
    rules: { 'no-restricted-syntax': ['error', ...always, environment, unsafeSql] },
  },
  {
    files: ['backend/src/**/queries.ts'],
    rules: { 'no-restricted-syntax': ['error', ...always, environment, unsafeSql, unknownTag] },
  },
  {
    files: tests,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  migratedDatabase === undefined
    ? []
    : {
        files: ['backend/src/**/*.ts'],
        ignores: tests,
        extends: [
          safeql.configs.connections({
            databaseUrl: migratedDatabase,
            plugins: [{ package: `${import.meta.dirname}/scripts/checks/safeql-row-types.ts` }],
            overrides: {
              // What a column is in TypeScript, as backend/src/platform sets up the driver: time and 64-bit numbers included.
              types: {
                uuid: 'string',
                citext: 'string',
                timestamptz: 'string',
                inet: 'string',
                int8: 'number',
                bytea: { parameter: { regex: 'Buffer(<.*>)?|Uint8Array(<.*>)?' }, return: 'Buffer' },
                json: 'unknown',
                jsonb: 'unknown',
              },
            },
          }),
        ],
      },
)
