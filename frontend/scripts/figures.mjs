/*
 * Measures the page in Chromium. Reads a task as JSON from standard input, prints the figures as one line of JSON.
 * Started by tests/benchmarks/bench_page.py, which says what the figures mean and what they should be.
 */
/* global window, document, location, requestAnimationFrame, PopStateEvent */
import { readFileSync } from 'node:fs';

import { chromium } from 'playwright-core';

const task = JSON.parse(readFileSync(0, 'utf8'));
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync', '--js-flags=--expose-gc'];

/** In the page: collects long tasks, layout shifts, and how long each key took until it was painted. */
const observe = () => {
  const seen = { tasks: [], slow: [], shifts: [], moved: [], keys: [], frames: 0 };
  window.figures = seen;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => seen.slow.push(partsOf(entry)))).observe({ type: 'long-animation-frame' });
  /** What a slow frame was spent on, in ms: its scripts by who called them, then style and layout. */
  const partsOf = ({ startTime, duration, scripts, renderStart, styleAndLayoutStart }) => ({
    at: startTime, ms: duration, render: startTime + duration - renderStart, layout: startTime + duration - styleAndLayoutStart,
    scripts: scripts.map(({ invoker, sourceFunctionName, duration, forcedStyleAndLayoutDuration }) =>
      [invoker, sourceFunctionName, Math.round(duration), Math.round(forcedStyleAndLayoutDuration)].join(' ')),
  });
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => seen.tasks.push(entry.duration))).observe({ type: 'longtask' });
  new PerformanceObserver((list) =>
    list.getEntries().forEach((entry) => {
      if (entry.hadRecentInput) return;
      seen.shifts.push([entry.startTime, entry.value]);
      seen.moved.push([entry.value, entry.sources.map(({ node }) => `${node?.nodeName}.${node?.className ?? ''}`).join(' ')]);
    }),
  ).observe({ type: 'layout-shift' });
  new PerformanceObserver((list) =>
    list.getEntries().forEach((entry) => { if (entry.name === 'keydown') seen.keys.push(entry.duration); }),
  ).observe({ type: 'event', durationThreshold: 16 });
  const count = () => { seen.frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
};

const reset = (page) => page.evaluate(() => Object.assign(window.figures, { tasks: [], slow: [], shifts: [], moved: [], keys: [], frames: 0, began: performance.now() }));
/** Go there inside the page, as a click on a link does; the list shows only some links at a time. */
const open = (page, id) =>
  page.evaluate((place) => {
    window.history.pushState({}, '', place);
    window.dispatchEvent(new PopStateEvent('popstate'));
  }, `/c/${id}`);
const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** Cumulative layout shift as it is defined: the worst run of shifts less than 1 s apart, of at most 5 s. */
const worstWindow = (shifts) => {
  let [began, last, sum, worst] = [-Infinity, -Infinity, 0, 0];
  for (const [at, value] of shifts) {
    if (at - last > 1000 || at - began > 5000) [began, sum] = [at, 0];
    last = at;
    sum += value;
    worst = Math.max(worst, sum);
  }
  return worst;
};

const browser = await chromium.launch({ executablePath: task.chromium, args: QUIET });
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
page.setDefaultTimeout(30_000);
await page.addInitScript(observe);
await page.goto(`${task.url}/accounts/acme/login/`);
await page.fill('#login', 'erin@acme.example');
await page.fill('#password', task.password);
await page.click('button.primary');
await page.locator('textarea').waitFor();

// 1. A long answer into a long conversation, and somebody who types meanwhile.
await open(page, task.long);
await page.locator('article').last().waitFor();
await page.locator('textarea').fill(`Write a detailed essay of ${task.words} words about the history of the harbour.`);
await page.keyboard.press('Enter');
await page.locator('article[aria-busy="true"]').waitFor();
await page.waitForTimeout(2000);
await reset(page);
const KEYS = 80;
for (let key = 0; key < KEYS; key += 1) await page.keyboard.press('KeyA', { delay: 30 }).then(() => page.waitForTimeout(150));
// Looked at rarely and cheaply: a locator that waits works in the page, and its work would be measured too.
const isWriting = () => document.querySelector('article[aria-busy="true"]') !== null;
for (let seconds = 0; await page.evaluate(isWriting); seconds += 1) {
  if (seconds > 240) throw new Error('The long answer did not end.');
  await page.waitForTimeout(1000);
}
const streamed = await page.evaluate(() => ({
  ...window.figures,
  seconds: (performance.now() - window.figures.began) / 1000,
  nodes: document.querySelectorAll('*').length,
  words: ([...document.querySelectorAll('article')].at(-1)?.textContent ?? '').split(/\s+/).length,
}));
await page.locator('textarea').fill('');

// 2. A thousand messages, from the click until the newest answer can be read.
const opened = await page.evaluate(
  (id) =>
    new Promise((resolve, reject) => {
      const from = performance.now();
      setTimeout(() => reject(new Error('The thousand messages did not become readable.')), 20_000);
      window.history.pushState({}, '', `/c/${id}`);
      window.dispatchEvent(new PopStateEvent('popstate'));
      const look = () => {
        const last = [...document.querySelectorAll('article')].at(-1);
        if (last?.textContent?.includes('number 500')) resolve(performance.now() - from);
        else requestAnimationFrame(look);
      };
      look();
    }),
  task.huge,
);

// 3. Fifty conversations, one after the other.
const session = await page.context().newCDPSession(page);
const heapMb = async () => {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 1e6;
};
await session.send('Performance.enable');
const heap = [];
for (const [index, id] of task.many.entries()) {
  await open(page, id);
  await page.waitForFunction((wanted) => location.pathname === `/c/${wanted}` && document.querySelector('article'), id);
  if ([9, 29, 49].includes(index)) heap.push(await heapMb());
}
await browser.close();

const keys = [...streamed.keys, ...Array(Math.max(0, KEYS - streamed.keys.length)).fill(16)]; // faster ones are not reported
console.log(JSON.stringify({
  slow: streamed.slow.map((frame) => ({ ...frame, at: frame.at - streamed.began })).sort((a, b) => b.ms - a.ms).slice(0, 5), seconds: streamed.seconds,
  words: streamed.words, fps: streamed.frames / streamed.seconds, long_tasks: streamed.tasks.filter((ms) => ms > 50).length,
  longest_ms: Math.max(0, ...streamed.tasks), cls: worstWindow(streamed.shifts), moved: streamed.moved.sort((a, b) => b[0] - a[0])[0] ?? null, key_p95_ms: percentile(keys, 0.95), nodes: streamed.nodes,
  open_ms: opened, heap_mb: heap,
}));
