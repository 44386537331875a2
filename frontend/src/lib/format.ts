/** Numbers, money and times as people of a language read them. Amounts are micro-dollars. */

const MICRO = 1_000_000;

/** From a dollar on two decimals, below it four, and less than that never looks like nothing. */
export const money = (microUsd: number, language: string): string => {
  const dollars = microUsd / MICRO;
  const digits = Math.abs(dollars) >= 1 ? 2 : 4;
  const least = 10 ** -digits;
  const format = new Intl.NumberFormat(language, {
    style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return microUsd > 0 && dollars < least / 2 ? `< ${format.format(least)}` : format.format(dollars);
};

/** The exact amount, for whoever wants it. */
export const exactMoney = (microUsd: number, language: string): string =>
  new Intl.NumberFormat(language, {
    style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', minimumFractionDigits: 6,
  }).format(microUsd / MICRO);

export const seconds = (milliseconds: number, language: string): string =>
  `${new Intl.NumberFormat(language, { maximumFractionDigits: milliseconds < 10_000 ? 1 : 0 }).format(milliseconds / 1000)}\u00a0s`;

export const countWords = (text: string): number => text.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)?.length ?? 0;

export const initialsOf = (name: string): string => {
  const words = name.trim().split(/\s+/);
  const [first = '', last = ''] = [words[0], words.length > 1 ? words.at(-1) : ''];
  return `${[...first][0] ?? ''}${[...last][0] ?? ''}`.toUpperCase();
};
