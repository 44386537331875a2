import { useEffect, useRef } from 'react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { announce, interrupt } from '@/lib/announcer';
import { countWords } from '@/lib/format';
import { spoken } from '@/lib/said';

import { speechOf, type Spoken } from './sentences';
import { useTurns } from './sessionContext';
import { isOver, type TurnState } from './turnReducer';

const PAUSE_MS = 2_000;

interface Place {
  next: number;
  segments: number;
  isClosed: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  latest: TurnState;
}

/** Speaks what happens in a conversation: who answers, whole sentences, switches, the end. */
export const useAnnouncements = (conversation: string | null): void => {
  const { t } = useTranslation();
  const turns = useTurns();
  const places = useRef(new Map<string, Place>());

  useEffect(() => {
    for (const turn of turns.values()) {
      if (turn.conversation !== conversation) continue;
      const known = places.current.get(turn.key);
      // What was over before this page saw it is read, not announced.
      const place = known ?? { next: 0, segments: 0, isClosed: isOver(turn), timer: undefined, latest: turn };
      place.latest = turn;
      places.current.set(turn.key, place);
      if (!place.isClosed) speak(place, t);
    }
  }, [turns, conversation, t]);
};

const speak = (place: Place, t: TFunction): void => {
  const { latest } = place;
  for (const segment of latest.segments.slice(place.segments)) {
    place.segments += 1;
    const before = segment.takesOverFrom;
    if (before?.said?.code.startsWith('voted')) announce(spoken(before.said, before.reason));
    else if (before) interrupt(t('announce.switched', { model: segment.model }));
    else announce(signWords(segment.model, segment.hosting === 'self_hosted', t));
  }
  if (isOver(latest)) {
    close(place, t);
  } else {
    place.timer ??= setTimeout(() => {
      place.timer = undefined;
      sayFresh(place, t, []);
    }, PAUSE_MS);
  }
};

const close = (place: Place, t: TFunction): void => {
  clearTimeout(place.timer);
  place.isClosed = true;
  const { failure, finish, text } = place.latest;
  if (failure) interrupt(spoken(failure.said, failure.detail));
  else sayFresh(place, t, [finish === 'stopped' ? t('announce.stopped') : t('announce.done', { count: countWords(text) })]);
};

const sayFresh = (place: Place, t: TFunction, after: readonly string[]): void => {
  const { said, next } = speechOf(place.latest.text, place.next, isOver(place.latest));
  place.next = next;
  const words = [...said.map((piece) => spokenWords(piece, t)), ...after];
  if (words.length) announce(words.join(' '));
};

const spokenWords = (piece: Spoken, t: TFunction): string =>
  piece.kind === 'text' ? piece.text : t('announce.code', { count: piece.lines });

const signWords = (model: string, isInside: boolean, t: TFunction): string =>
  t('announce.routed', { model, where: isInside ? t('announce.inside') : t('announce.outside') });
