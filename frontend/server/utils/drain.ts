const state = { draining: false }

/** Still answering, but asking for no more: readiness says 503 from now on. */
export function startDraining(): void {
  state.draining = true
}

/** Whether this process is about to stop. */
export function isDraining(): boolean {
  return state.draining
}
