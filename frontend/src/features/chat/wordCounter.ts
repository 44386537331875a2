import { countWords } from '@/lib/format';

/** Counts the words of a text that grows: of a longer one only what is new is read. */
export class WordCounter {
  #text = '';
  #until = 0;
  #count = 0;

  read(text: string): number {
    if (!text.startsWith(this.#text)) [this.#until, this.#count] = [0, 0];
    this.#text = text;
    const end = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\n'));
    if (end > this.#until) {
      this.#count += countWords(text.slice(this.#until, end));
      this.#until = end;
    }
    return this.#count + countWords(text.slice(this.#until));
  }
}
