/** How many cases a property is tried with: `usual` in `npm test`, FC_RUNS in the long form (`npm run drills`). */
export function propertyRuns(usual: number): number {
  return Number(process.env.FC_RUNS ?? usual)
}
