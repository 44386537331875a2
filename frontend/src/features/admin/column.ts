/** What is read of a file or of what is pasted, in bytes or characters: more would be no list of terms. */
export const MOST_BYTES = 2_000_000;

export type Column = { cells: readonly string[] } | { problem: 'large' | 'noText' | 'unreadable' };

/** The first column of a text or CSV file, read here and sent nowhere. */
export const columnOf = async (file: File): Promise<Column> => {
  if (file.size > MOST_BYTES) return { problem: 'large' };
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    if (error instanceof DOMException) return { problem: 'unreadable' }; // taken away meanwhile, or not permitted
    throw error;
  }
  const text = decoded(bytes);
  if (text === null) return { problem: 'noText' };
  return { cells: /\.csv$/i.test(file.name) ? firstColumn(text, delimiterOf(text)) : firstColumn(text, '\t') };
};

/** A file's text in the encodings that office programs write; null when it is none. */
export const decoded = (bytes: Uint8Array): string | null => {
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
  return text.includes('\0') ? null : text;
};

const encodingOf = (bytes: Uint8Array): string => {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf-8';
  } catch (error) {
    if (error instanceof TypeError) return 'windows-1252';
    throw error;
  }
};

const DELIMITERS = [';', '\t', ','] as const;

/** What stands most often in the first line, outside quotation marks. */
export const delimiterOf = (text: string): string => {
  const line = (/^[^\r\n]*/.exec(text.trimStart())?.[0] ?? '').replace(/"[^"]*"/g, '');
  const many = (sign: string): number => line.split(sign).length;
  return DELIMITERS.reduce<string>((best, sign) => (many(sign) > many(best) ? sign : best), DELIMITERS[0]);
};

/** The first cell of each row (RFC 4180: a cell in quotation marks may hold anything); white space in it becomes a blank. */
export const firstColumn = (text: string, delimiter: string): string[] => {
  const cells: string[] = [];
  for (let at = 0; at < text.length;) {
    const [cell, after] = cellAt(text, at, delimiter);
    cells.push(cell.replace(/\s+/gu, ' ').trim());
    at = after;
    while (at < text.length && text[at] === delimiter) [, at] = cellAt(text, at + 1, delimiter);
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  return cells;
};

/** The cell that begins here, and where what ends it stands. */
const cellAt = (text: string, start: number, delimiter: string): [cell: string, after: number] => {
  const isEnd = (at: number) => at >= text.length || text[at] === delimiter || text[at] === '\r' || text[at] === '\n';
  const closing = text[start] === '"' ? closingOf(text, start + 1) : -1;
  if (closing >= 0 && isEnd(closing + 1)) return [text.slice(start + 1, closing).replaceAll('""', '"'), closing + 1];
  // Marks that do not hold the whole cell are signs like others.
  let end = start;
  while (!isEnd(end)) end += 1;
  return [text.slice(start, end), end];
};

const closingOf = (text: string, start: number): number => {
  let at = text.indexOf('"', start);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
};
