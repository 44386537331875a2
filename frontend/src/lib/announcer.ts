import { Observable } from '@/lib/observable';

/** What a screen reader is to say. Two equal sentences in a row are two announcements: `number` tells them apart. */
export interface Announcement {
  number: number;
  text: string;
}

export const polite = new Observable<Announcement>({ number: 0, text: '' });
export const assertive = new Observable<Announcement>({ number: 0, text: '' });

const say = (region: Observable<Announcement>, text: string): void => region.set({ number: region.get().number + 1, text });

export const announce = (text: string): void => say(polite, text);
export const interrupt = (text: string): void => say(assertive, text);
