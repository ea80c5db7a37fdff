export type SettingsPart = 'profile' | 'address' | 'visibility' | 'password' | 'devices' | 'events' | 'data' | 'delete'

/** A drawing for each part of the settings: the lines of a path, on a field of 40 by 40. */
export const SETTINGS_ART: Record<SettingsPart, string> = {
  // a medallion
  profile:
    'M20 3.500a16.500 16.500 0 1 0 .01 0zM20 10a6 6 0 1 0 .01 0zM8.500 32c1.500-6 6-8.500 11.500-8.500s10 2.500 11.500 8.500',
  // a sign that hangs
  address: 'M4 4h32M11 4v7M29 4v7M3.500 11h33v21h-33zM7 14.500h26v14h-26zM12 21.500h16',
  // a window with its shutters open
  visibility:
    'M13 36V15a7 7 0 0 1 14 0v21zM20 8v28M13 22h14M13 15l-7.500 3.500v15.500l7.500 2M27 15l7.500 3.500v15.500l-7.500 2M5.500 26l7.500-2.500M34.500 26l-7.500-2.500',
  // a key
  password: 'M20 3a7.500 7.500 0 1 0 .01 0zM20 7.500a3 3 0 1 0 .01 0zM18.500 18v19h3v-19M21.500 29h6v3h-3v4h-3',
  // two screens
  devices: 'M3 8h25v18H3zM1 31h24M11 26v5M29 14h8.500v21H29zM32 31.500h2.500',
  // a book in which somebody writes
  events:
    'M20 10c-4.500-3-10-3-16-1.500V32c6-1.500 11.500-1.500 16 1.500 4.500-3 10-3 16-1.500V8.500c-6-1.500-11.500-1.500-16 1.500zM20 10v23.500M8.500 15h7M8.500 20h7M8.500 25h4M24.500 15h7M24.500 20h5',
  // a chest
  data: 'M4 18h32v17H4zM4 18c0-6 3-10 8-10h16c5 0 8 4 8 10M17 15.500h6V23h-6zM20 18.500v2M9 18v17M31 18v17',
  // a candle that was put out
  delete: 'M15.500 18h9v17h-9zM9 35h22M20 18v-4M20 10c2.500-2.500-1.500-3.500.5-7M18 18c0 3-2.500 3-2.500 5',
}
