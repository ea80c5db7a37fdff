/** A whole number with commas between its thousands: `12,345`. The formatter of the runtime says the same, but its first use holds a phone up for a tenth of a second. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
