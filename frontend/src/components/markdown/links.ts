const SAFE = new Set(['https:', 'http:', 'mailto:', 'tel:']);

/** The address of a link in a model's answer, when a person may follow it: absolute, and of a harmless kind. */
export const safeAddress = (href: string | undefined): URL | null => {
  if (!href || !URL.canParse(href)) return null;
  const address = new URL(href);
  return SAFE.has(address.protocol) ? address : null;
};

/** Marks that turn the direction of text: words with them read otherwise than they are. */
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * The host to show behind a link, or null where its words are the very address: nothing but the words themselves may
 * vouch for where it leads, neither a host somewhere in them, nor letters that look like others, nor a name before `@`.
 */
export const hiddenHost = (address: URL, words: string): string | null => {
  if (!address.host) return null;
  const shown = words.trim();
  const plain = shown.replace(/^https?:\/\//i, '');
  const isAddress =
    !TURNING.test(shown) && !address.username && !address.password && plain.toLowerCase().startsWith(address.host.toLowerCase()) &&
    /^(?:[/?#]|$)/.test(plain.slice(address.host.length));
  return isAddress ? null : address.host;
};
