/** The server counts text in code points, JavaScript in UTF-16 units: these translate. */

export const countCodePoints = (text: string): number => {
  let pairs = 0;
  for (let index = 0; index < text.length; index += 1) {
    if ((text.codePointAt(index) ?? 0) > 0xffff) {
      pairs += 1;
      index += 1;
    }
  }
  return text.length - pairs;
};

/** The UTF-16 index at which the code point number `offset` begins; the end of the text when it is shorter. */
export const indexOfCodePoint = (text: string, offset: number): number => {
  let index = 0;
  for (let seen = 0; seen < offset && index < text.length; seen += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
};

export const sliceCodePoints = (text: string, start: number, end?: number): string => {
  const from = indexOfCodePoint(text, start);
  return end === undefined ? text.slice(from) : text.slice(from, from + indexOfCodePoint(text.slice(from), end - start));
};
