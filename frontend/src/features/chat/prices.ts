import type { UsableModel } from '@/api/client';

type Price = UsableModel['price'];

const dollars = (price: Price, name: string): number | null => {
  const value = price?.[name];
  return typeof value === 'string' ? Number(value) : null;
};

export const isFree = (price: Price): boolean => dollars(price, 'input') === 0 && dollars(price, 'output') === 0;

/** Dollars per million tokens, as a language writes them. */
export const priceOf = (price: Price, language: string): { input: string; output: string } | null => {
  const [input, output] = [dollars(price, 'input'), dollars(price, 'output')];
  if (input === null || output === null) return null;
  const format = new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' });
  return { input: format.format(input), output: format.format(output) };
};
