const AMOUNT = /^\d{1,9}(?:[.,]\d{1,6})?$/;
const MICRO = 1_000_000;

/** Dollars as people type them, in micro-dollars; null: this is no amount. */
export const amountOf = (typed: string): number | null => {
  const plain = typed.replace(/[$\s\u00a0]/g, '');
  return AMOUNT.test(plain) ? Math.round(Number(plain.replace(',', '.')) * MICRO) : null;
};

/** Micro-dollars as they are typed. */
export const typedAmount = (amount: number): string => {
  const digits = (amount / MICRO).toFixed(6).replace(/0+$/, '');
  const [whole = '0', part = ''] = digits.split('.');
  return part.length === 0 ? whole : `${whole}.${part.padEnd(2, '0')}`;
};
