const PATIENCE_MS = 600;

/**
 * The number of the next label that begins with what was typed; null where none does. `typed` is remembered from key to
 * key: letters in quick succession are one word, the same letter again goes on to the next label that begins with it.
 */
export const typedAhead = (
  labels: readonly string[],
  at: number,
  typed: { text: string; at: number },
  key: string,
  now: number,
): number | null => {
  const letter = key.toLocaleLowerCase();
  const goesOn = now - typed.at < PATIENCE_MS && typed.text !== letter;
  typed.text = goesOn ? typed.text + letter : letter;
  typed.at = now;
  const from = goesOn ? Math.max(at, 0) : at + 1;
  for (let step = 0; step < labels.length; step += 1) {
    const number = (from + step) % labels.length;
    if (labels[number]?.toLocaleLowerCase().startsWith(typed.text)) return number;
  }
  return null;
};
