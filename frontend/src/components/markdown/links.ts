const SAFE = new Set(['https:', 'http:', 'mailto:', 'tel:']);

/** The address of a link in a model's answer, when a person may follow it: absolute, and of a harmless kind. */
export const safeAddress = (href: string | undefined): URL | null => {
  if (!href || !URL.canParse(href)) return null;
  const address = new URL(href);
  return SAFE.has(address.protocol) ? address : null;
};

/** The host to show behind a link whose own words do not say where it leads. */
export const hiddenHost = (address: URL, words: string): string | null =>
  address.host && !words.toLowerCase().includes(address.host.toLowerCase()) ? address.host : null;
