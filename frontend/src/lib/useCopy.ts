import { useEffect, useState } from 'react';

const SHOWN_MS = 2_000;

/** Copy text, and know for two seconds that it was copied. */
export const useCopy = (): [isCopied: boolean, copy: (text: string) => void] => {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => undefined, // the browser refused; nothing was copied, and nothing is said
    );
  };
  return [isCopied, copy];
};
