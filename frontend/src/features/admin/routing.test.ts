import { describe, expect, it } from 'vitest';

import type { Preview } from '@/api/routing';

import {
  changeOf, COMPANY, insideOf, isSame, mostMoved, problemsOf, routingOf, sharesOf, strategyOf, teamsWithOwn, withoutRouting,
  withRouting, zoneOf,
} from './routing';

const DOCUMENT = {
  strategy: 'balanced', retention_days: 30, teams: { research: { dial: 0.9 }, legal: { strategy: 'fixed:demo-counsel', dial: 0.5 }, sales: {} },
};

describe('what holds', () => {
  it('is balanced in the middle where nothing is said', () => {
    expect(routingOf({}, COMPANY)).toEqual({ strategy: 'balanced', model: '', dial: 0.5 });
    expect(routingOf({}, 'research')).toEqual(routingOf({}, COMPANY));
  });

  it('for a team is its own, and the company’s in what it does not name', () => {
    expect(routingOf({ ...DOCUMENT, strategy: 'best' }, 'research')).toEqual({ strategy: 'best', model: '', dial: 0.9 });
    expect(routingOf(DOCUMENT, 'legal')).toEqual({ strategy: 'fixed', model: 'demo-counsel', dial: 0.5 });
    expect(routingOf(DOCUMENT, 'sales')).toEqual(routingOf(DOCUMENT, COMPANY));
  });

  it('keeps what a strategy takes behind a colon, whatever that is', () => {
    for (const strategy of ['fixed:a:b', 'vote:5', 'best']) expect(strategyOf(routingOf({ strategy }, COMPANY))).toBe(strategy);
  });

  it('is told of the teams that differ', () => {
    expect(teamsWithOwn(DOCUMENT)).toEqual(['research', 'legal']);
    expect(teamsWithOwn({})).toEqual([]);
  });
});

describe('a change', () => {
  it('of the company touches nothing else, and writes what it changes alone', () => {
    expect(withRouting(DOCUMENT, COMPANY, { strategy: 'balanced', model: '', dial: 0.7 })).toEqual({ ...DOCUMENT, dial: 0.7 });
    expect(withRouting(DOCUMENT, COMPANY, { strategy: 'fixed', model: 'a', dial: 0.5 })).toEqual({ ...DOCUMENT, strategy: 'fixed:a' });
    expect(withRouting(DOCUMENT, COMPANY, routingOf(DOCUMENT, COMPANY))).toEqual(DOCUMENT);
  });

  it('of a team writes both parts, so that the company does not change it later', () => {
    const changed = withRouting(DOCUMENT, 'research', { strategy: 'balanced', model: '', dial: 0.8 });
    expect(changed.teams).toEqual({ ...DOCUMENT.teams, research: { strategy: 'balanced', dial: 0.8 } });
    expect(routingOf({ ...changed, strategy: 'best', dial: 0 }, 'research').strategy).toBe('balanced');
  });

  it('back to the company leaves no trace of the team', () => {
    const own = withRouting({ strategy: 'best' }, 'research', { strategy: 'cheapest', model: '', dial: 0.5 });
    expect(withoutRouting(own, 'research')).toEqual({ strategy: 'best' });
    expect(withoutRouting(DOCUMENT, 'legal')).toEqual({ ...DOCUMENT, teams: { research: { dial: 0.9 }, sales: {} } });
  });

  it('is one where strategy, model or dial differ', () => {
    const routing = { strategy: 'fixed', model: 'a', dial: 0.5 };
    expect(isSame(routing, { ...routing })).toBe(true);
    for (const part of [{ strategy: 'best', model: '' }, { model: 'b' }, { dial: 0.55 }]) expect(isSame(routing, { ...routing, ...part })).toBe(false);
  });
});

describe('what the server says', () => {
  it('stands at its field, whoever it is about', () => {
    expect(problemsOf({ strategy: 'no such' }, COMPANY)).toEqual({ strategy: 'no such' });
    expect(problemsOf({ 'teams.legal.strategy': 'no such', 'teams.legal.dial': 'too much' }, 'legal')).toEqual({ strategy: 'no such', dial: 'too much' });
    expect(problemsOf({ comment: 'too long' }, 'legal')).toEqual({ comment: 'too long' });
    expect(problemsOf({ 'rules[0].when': 'unknown' }, COMPANY)).toBeNull();
  });
});

describe('the dial', () => {
  it.each([[0, 'cheapest'], [0.05, 'cheap'], [0.4, 'middle'], [0.6, 'middle'], [0.65, 'good'], [1, 'best']])('at %d is %s', (dial, zone) => {
    expect(zoneOf(dial)).toBe(zone);
  });
});

const total = (...models: [string, 'self_hosted' | 'commercial', number][]) => ({
  cost_micro_usd: 1, quality: 0.5, models: models.map(([model, hosting, decisions]) => ({ model, hosting, decisions })),
});
const PREVIEW: Preview = {
  days: 30, shown: true, newest_only: false, decisions: 10, by_hand: 2, changed: 4,
  before: total(['small', 'commercial', 6], ['local', 'self_hosted', 3], ['gone', 'commercial', 1]),
  after: total(['large', 'commercial', 5], ['local', 'self_hosted', 2], ['small', 'commercial', 3]),
};

describe('shares', () => {
  it('name every model of either side, inside first, in an order that the dial does not change', () => {
    expect(sharesOf(PREVIEW)).toEqual([
      { model: 'local', hosting: 'self_hosted', before: 0.3, after: 0.2 },
      { model: 'small', hosting: 'commercial', before: 0.6, after: 0.3 },
      { model: 'gone', hosting: 'commercial', before: 0.1, after: 0 },
      { model: 'large', hosting: 'commercial', before: 0, after: 0.5 },
    ]);
  });

  it('are none where nothing may be shown', () => {
    expect(sharesOf({ ...PREVIEW, shown: false, decisions: 0, before: null, after: null })).toEqual([]);
  });

  it('say who moves most, and how much stays inside', () => {
    const shares = sharesOf(PREVIEW);
    expect(mostMoved(shares)?.model).toBe('large');
    expect(mostMoved(shares.map((share) => ({ ...share, after: share.before })))).toBeNull();
    expect(insideOf(shares)).toEqual({ before: 0.3, after: 0.2 });
  });
});

describe('a changed sum', () => {
  it('is told as a share of what it was, unless that says nothing', () => {
    expect(changeOf(200, 150)).toBe(-0.25);
    expect(changeOf(200, 300)).toBe(0.5);
    expect([changeOf(0, 300), changeOf(1000, 1003), changeOf(5, 5)]).toEqual([null, null, null]);
  });
});
