/** Dates, counts and shares as people of a language read them. Times are ISO texts; `zone` is an IANA name. */

/** English dates in the order that is read alike everywhere: 25 Nov 2026. */
const localeOf = (language: string): string => (language === 'en' ? 'en-GB' : language);

export const day = (at: string, language: string, zone?: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone }).format(new Date(at));

export const dayAndTime = (at: string, language: string, zone?: string): string =>
  new Intl.DateTimeFormat(localeOf(language), {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone,
  }).format(new Date(at));

export const clockTime = (at: string | number, language: string, zone?: string): string =>
  new Intl.DateTimeFormat(localeOf(language), {
    hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: zone,
  }).format(new Date(at));

/** `2026-11` as “November 2026”. */
export const monthName = (month: string, language: string): string =>
  new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${month}-15`));

export const count = (value: number, language: string): string => new Intl.NumberFormat(language).format(value);

/** A share in [0, 1] without decimals. */
export const percent = (share: number, language: string): string =>
  new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share);

/** The date that it is somewhere at a moment: `2026-11-25`. */
export const dateIn = (at: Date, zone: string): string =>
  new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: zone }).format(at);

/** The last months, the running one first: `2026-11`, `2026-10`, ... */
export const lastMonths = (today: string, many: number): string[] => {
  const [year = 0, month = 1] = today.split('-').map(Number);
  return Array.from({ length: many }, (_, back) => {
    const at = year * 12 + month - 1 - back;
    return `${String(Math.floor(at / 12)).padStart(4, '0')}-${String((at % 12) + 1).padStart(2, '0')}`;
  });
};

const offsetMs = (at: number, zone: string): number => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const value = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(value('year'), value('month') - 1, value('day'), value('hour'), value('minute'), value('second')) - at;
};

/** The first moment of a date (`2026-11-25`) somewhere, `days` later, as an ISO time in UTC. */
export const midnight = (date: string, zone: string, days = 0): string => {
  const there = Date.parse(`${date}T00:00:00Z`) + days * 86_400_000;
  // Twice: the offset of the guess may be that from before a change of the clocks.
  const guess = there - offsetMs(there, zone);
  return new Date(there - offsetMs(guess, zone)).toISOString();
};
