/** The server refuses larger bodies; JSON makes the text a little longer on its way. */
export const LARGEST_MB = 9;
/** So many wrong lines are named at once. */
export const MOST_NAMED = 50;
export const SLUG = /^[a-z0-9][a-z0-9-]{0,39}$/;

export interface WrongLine {
  number: number;
  /** In the server's words. */
  what: string;
  /** The beginning of the line as it stands in the file. */
  text: string;
}

const SHOWN = 160;

/** The wrong lines that a refusal names (`line 7`), in their order, with what stands there. */
export const wrongLines = (fields: Readonly<Record<string, string>>, text: string): WrongLine[] => {
  const lines = text.split('\n');
  return Object.entries(fields)
    .flatMap(([name, what]) => {
      const found = /^line (\d+)$/.exec(name);
      if (!found) return [];
      const number = Number(found[1]);
      return [{ number, what, text: [...(lines[number - 1] ?? '').trim()].slice(0, SHOWN).join('') }];
    })
    .sort((a, b) => a.number - b.number);
};

/** Lines that hold a question, right or wrong. */
export const linesIn = (text: string): number => text.split('\n').filter((line) => line.trim() !== '').length;

/** `Our questions v2.jsonl` as “Our questions v2”. */
export const nameOf = (file: string): string => file.replace(/\.[^.]*$/, '').replace(/[_\s]+/g, ' ').trim();

/** A short name as the server takes it: `our-questions-v2`. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
