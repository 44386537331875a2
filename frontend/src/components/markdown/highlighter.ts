import type { createLowlight } from 'lowlight';

import { Observable } from '@/lib/observable';

type Lowlight = ReturnType<typeof createLowlight>;
export type HighlightTree = ReturnType<Lowlight['highlight']>;

/** Grammars are 37 languages: they come with the first block of code, and until then code is shown plain. */
export const lowlight = new Observable<Lowlight | null>(null);

let isAsked = false;

export const loadHighlighter = (): void => {
  if (isAsked) return;
  isAsked = true;
  void import('lowlight').then(({ common, createLowlight: create }) => lowlight.set(create(common)));
};
