import { nextTick, reactive, ref, type Ref } from '#imports'
import { ApiError, sentenceOf, type FailureCode } from '~/utils/api-error'

/** What is known of one form. */
export interface Form<Field extends string> {
  /** The sentence beside each field that was refused. */
  errors: Partial<Record<Field, string>>
  /** What went wrong with the whole. */
  failure: Ref<string>
  /** It went wrong because the session has ended meanwhile. */
  signedOut: Ref<boolean>
  waiting: Ref<boolean>
  /** For the form's `input` event: what is said beside a field is over when the field changes. */
  mended: (event: Event) => void
  /** Checks, then acts. What was typed stays, whatever happens. True when it worked. */
  submit: (check: () => Promise<Partial<Record<string, string>>>, act: () => Promise<unknown>) => Promise<boolean>
}

/** The pieces that schemas give (`must not be empty`) become sentences with the name of the field. */
function sentence(label: string, message: string): string {
  return /^(?:must|contains|cannot|is|has)\b/.test(message) ? `${label} ${message}.` : `${message}.`
}

/**
 * The state of a form with these fields and the names that people see for them. `codes` says which field an error of the API is
 * about, where it names none itself. After a refusal the first field that is wrong has the focus: a field's id is its name, and where
 * no field is to blame the `FormFailure` with the id `failureId`.
 */
export function useForm<Field extends string>(
  labels: Record<Field, string>,
  codes: Partial<Record<FailureCode, NoInfer<Field>>> = {},
  failureId = 'form-failure',
): Form<Field> {
  const errors = reactive<Partial<Record<string, string>>>({})
  const failure = ref('')
  const signedOut = ref(false)
  const waiting = ref(false)
  const names = Object.keys(labels) as Field[]

  function refuse(fields: Partial<Record<string, string>>): boolean {
    for (const name of names) {
      const message = fields[name]
      if (message) errors[name] = sentence(labels[name], message)
    }
    return names.some((name) => errors[name])
  }

  async function focusOnError(): Promise<void> {
    await nextTick()
    const first = names.find((name) => errors[name])
    document.getElementById(first ?? failureId)?.focus()
  }

  async function submit(check: () => Promise<Partial<Record<string, string>>>, act: () => Promise<unknown>): Promise<boolean> {
    if (waiting.value) return false
    waiting.value = true
    failure.value = ''
    signedOut.value = false
    for (const name of names) Reflect.deleteProperty(errors, name)
    try {
      // The check is a courtesy and is loaded when needed; without it the API says the same, only later.
      if (refuse(await check().catch(() => ({})))) {
        await focusOnError()
        return false
      }
      await act()
      return true
    } catch (error) {
      const field = error instanceof ApiError ? codes[error.code] : undefined
      const named = error instanceof ApiError && refuse(error.fields)
      if (field && error instanceof ApiError && !errors[field]) errors[field] = `${error.message}.`
      else if (!named) failure.value = sentenceOf(error)
      signedOut.value = error instanceof ApiError && error.code === 'UNAUTHENTICATED'
      await focusOnError()
      return false
    } finally {
      waiting.value = false
    }
  }

  function mended({ target }: Event): void {
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) Reflect.deleteProperty(errors, target.name)
  }

  return { errors: errors as Partial<Record<Field, string>>, failure, signedOut, waiting, mended, submit }
}
