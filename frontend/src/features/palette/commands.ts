import type { IconName } from '@/components/ui/Icon';

/** Something that the palette can do. Who shows the palette says what there is. */
export interface Command {
  id: string;
  label: string;
  icon: IconName;
  group: 'commands' | 'go';
  /** The chord that does the same. */
  keys?: readonly string[];
  /** After `G` it does the same. */
  letter?: string;
  run: () => void;
}

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}+/gu, '').toLocaleLowerCase();

/** Whether every typed word begins a word of the label; case and accents do not count. */
export const fits = (label: string, typed: string): boolean => {
  const words = folded(label).split(/[^\p{L}\p{N}]+/u);
  return folded(typed).split(/\s+/).filter(Boolean).every((part) => words.some((word) => word.startsWith(part)));
};
