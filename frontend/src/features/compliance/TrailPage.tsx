import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { trailQuery, type Entry } from '@/api/audit';
import { useMe } from '@/api/me';
import { AreaPage, Nothing } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';
import { Loaded } from '@/components/ui/Loaded';
import { Sheet } from '@/components/ui/Sheet';
import { toneOf } from '@/components/ui/Sign';
import { Table, type Column } from '@/components/ui/Table';
import { useMedia } from '@/components/ui/useMedia';
import { count, dayAndTime } from '@/lib/dates';
import { isSingleKey, usePageKeys } from '@/lib/shortcuts';

import { ChainNotice } from './ChainNotice';
import { EntryDetail } from './EntryDetail';
import { filtersOf, tidy, type TrailSearch } from './filters';
import { TrailFilters } from './TrailFilters';
import { useActors, useKindName } from './words';

import styles from './Compliance.module.css';

/** What happened, newest first. Filters stand in the address, so that a finding can be sent to somebody. */
export const TrailPage = () => {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const search: TrailSearch = useSearch({ strict: false });
  const query = useInfiniteQuery(trailQuery(filtersOf(search, me.tenant.timezone)));
  const filter = (next: TrailSearch) => void navigate({ to: '/compliance/trail', search: tidy(next), replace: true });
  return (
    <AreaPage title={t('area.titles.trail')} aside={t('admin.timesOf', { zone: me.tenant.timezone })}>
      <ChainNotice isQuiet />
      <TrailFilters search={search} onFilter={filter} />
      <Loaded query={query} lines={8}>
        {({ pages }) => {
          const entries = pages.flatMap(({ results }) => results);
          if (entries.length === 0) return <Nothing title={t('compliance.none')}>{t('compliance.noneHint')}</Nothing>;
          return (
            <Entries
              entries={entries}
              onFilter={(part) => filter({ ...search, ...part })}
              older={query.hasNextPage && (
                <Button size="small" aria-disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {t(query.isFetchingNextPage ? 'area.loading' : 'compliance.older')}
                </Button>
              )}
            />
          );
        }}
      </Loaded>
    </AreaPage>
  );
};

const Entries = ({ entries, onFilter, older }: {
  entries: readonly Entry[]; onFilter: (part: TrailSearch) => void; older: React.ReactNode;
}) => {
  const { t, i18n } = useTranslation();
  const isNarrow = useMedia('(max-width: 1199px)');
  const [{ seq, isEntered }, setOpen] = useState<{ seq: number | null; isEntered: boolean }>({ seq: null, isEntered: false });
  const entry = entries.find((each) => each.seq === seq) ?? null;
  useWalk(entries, seq, (next) => setOpen({ seq: next, isEntered: false }));
  const open = (next: number) => setOpen({ seq: next, isEntered: true });
  const close = () => {
    setOpen({ seq: null, isEntered: false });
    focusRow(seq);
  };
  const detail = entry && (
    <EntryDetail key={entry.seq} entry={entry} isEntered={isEntered && !isNarrow} onFilter={onFilter} onClose={close} />
  );
  return (
    <div className={entry && !isNarrow ? styles.split : styles.whole}>
      <TrailTable
        entries={entries}
        current={seq}
        onOpen={open}
        foot={
          <>
            <span role="status">{t('compliance.shown', { count: entries.length, number: count(entries.length, i18n.language) })}</span>
            {older}
            <span className={styles.keys}><kbd>J</kbd> <kbd>K</kbd> {t('compliance.move')} <kbd>{t('keys.enter')}</kbd> {t('compliance.openIt')}</span>
          </>
        }
      />
      {detail && (isNarrow
        ? <Sheet side="bottom" label={t('compliance.entry', { number: seq })} onClose={close}>{detail}</Sheet>
        : detail)}
    </div>
  );
};

const focusRow = (seq: number | null): void =>
  document.querySelector<HTMLElement>(`tr[data-key="${seq ?? ''}"] button`)?.focus();

/** J goes to the next entry, K to the one before: the focus too, so that Enter opens it. */
const useWalk = (entries: readonly Entry[], seq: number | null, setSeq: (seq: number) => void): void => {
  usePageKeys((event) => {
    if (!isSingleKey(event)) return;
    const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const focused = document.activeElement?.closest('tr[data-key]')?.getAttribute('data-key');
    const at = entries.findIndex((entry) => entry.seq === (focused ? Number(focused) : seq));
    const next = entries[Math.max(0, Math.min(at + step, entries.length - 1))];
    if (!next) return;
    focusRow(next.seq);
    if (seq !== null) setSeq(next.seq);
  });
};

const TrailTable = ({ entries, current, onOpen, foot }: {
  entries: readonly Entry[]; current: number | null; onOpen: (seq: number) => void; foot: React.ReactNode;
}) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const kindName = useKindName();
  const { nameOf } = useActors();
  const number = (entry: Entry) => count(entry.seq, i18n.language);
  const columns: Column<Entry>[] = [
    {
      key: 'seq', head: t('compliance.number'), isNumber: true, phone: 'aside',
      cell: (entry) => (
        <button
          type="button"
          className={styles.open}
          aria-label={t('compliance.openEntry', { number: number(entry), kind: kindName(entry.kind) })}
          aria-current={entry.seq === current ? true : undefined}
          onClick={(event) => {
            event.stopPropagation();
            onOpen(entry.seq);
          }}
        >
          {number(entry)}
        </button>
      ),
    },
    { key: 'at', head: t('compliance.time'), phone: 'plain', cell: ({ at }) => <span className={styles.time}>{dayAndTime(at, i18n.language, me.tenant.timezone)}</span> },
    { key: 'actor', head: t('compliance.who'), phone: 'plain', cell: ({ actor }) => nameOf(actor) },
    { key: 'kind', head: t('compliance.what'), phone: 'first', cell: ({ kind }) => kindName(kind) },
    { key: 'found', head: t('compliance.went'), phone: 'plain', cell: (entry) => <Went body={entry.body} /> },
  ];
  return (
    <Table
      label={t('area.titles.trail')} columns={columns} rows={entries} keyOf={({ seq }) => seq} current={current}
      onPick={({ seq }) => onOpen(seq)} foot={foot}
    />
  );
};

/** Which model a question went to, and whether something private was in it, as far as the entry says so. */
const Went = ({ body }: { body: Entry['body'] }) => {
  const { t } = useTranslation();
  const { model, hosting, sensitivity } = body as Record<string, unknown>;
  const isPrivate = sensitivity === 'sensitive';
  const isUnchecked = sensitivity === 'unclassified';
  if (typeof model !== 'string' && !isPrivate && !isUnchecked) return null;
  const place = hosting === 'self_hosted' || hosting === 'commercial' ? hosting : null;
  return (
    <span className={styles.chips}>
      {isPrivate && <Chip tone="sensitive" icon="shield">{t('question.private')}</Chip>}
      {isUnchecked && <Chip tone="warn" icon="triangle">{t('thread.unchecked')}</Chip>}
      {typeof model === 'string' && model !== '' && (
        <Chip tone={toneOf(place)} {...(place ? { icon: place === 'self_hosted' ? 'house' as const : 'leaving' as const } : {})}>{model}</Chip>
      )}
    </span>
  );
};
