import { act, fireEvent, render } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { useStickToEnd } from './useStickToEnd';

const VISIBLE = 500;
let height = 2000;
let grew: () => void = () => undefined;

const Thread = ({ leave = false }: { leave?: boolean }) => {
  const { scroller, content, isAtEnd, toEnd, leaveEnd } = useStickToEnd();
  return (
    <div ref={scroller} data-testid="box" data-end={isAtEnd}>
      <div ref={content} />
      <button type="button" onClick={leave ? leaveEnd : toEnd}>go</button>
    </div>
  );
};

/** jsdom lays nothing out: the sizes are given, and the observer is told by hand. */
const shown = (leave = false) => {
  const page = render(<Thread leave={leave} />);
  const box = page.getByTestId('box');
  Object.defineProperty(box, 'scrollHeight', { get: () => height });
  Object.defineProperty(box, 'clientHeight', { value: VISIBLE });
  box.scrollTo = ((to: ScrollToOptions) => (box.scrollTop = to.top ?? 0)) as typeof box.scrollTo;
  const grow = (to: number) => act(() => {
    height = to;
    grew();
  });
  const scrollTo = (top: number) => {
    box.scrollTop = top;
    fireEvent.scroll(box);
  };
  grow(height);
  return { box, grow, scrollTo, button: page.getByRole('button') };
};

beforeEach(() => {
  height = 2000;
  vi.stubGlobal('ResizeObserver', class {
    constructor(callback: () => void) {
      grew = callback;
    }
    observe = () => undefined;
    disconnect = () => undefined;
  });
});

describe('a thread whose end is in view', () => {
  it('follows what grows', () => {
    const { box, grow } = shown();
    grow(3000);

    expect(box.scrollTop).toBe(3000);
  });

  it('follows on when the page itself moves the view: a guess about a height was wrong', () => {
    const { box, grow, scrollTo } = shown();
    scrollTo(900);
    grow(3000);

    expect(box.scrollTop).toBe(3000);
    expect(box.dataset.end).toBe('true');
  });

  it.each([
    ['the wheel', (box: HTMLElement) => fireEvent.wheel(box)],
    ['a finger', (box: HTMLElement) => fireEvent.touchMove(box)],
    ['a key', (box: HTMLElement) => fireEvent.keyDown(box, { key: 'PageUp' })],
    ['the scroll bar', (box: HTMLElement) => fireEvent.pointerDown(box)],
  ])('is left by a person with %s, and nothing moves from then on', (_, touch) => {
    const { box, grow, scrollTo } = shown();
    touch(box);
    scrollTo(900);
    grow(3000);

    expect(box.scrollTop).toBe(900);
    expect(box.dataset.end).toBe('false');
  });

  it('is followed again once a person is back', () => {
    const { box, grow, scrollTo } = shown();
    fireEvent.wheel(box);
    scrollTo(900);
    scrollTo(1480);
    grow(3000);

    expect(box.scrollTop).toBe(3000);
  });

  it('is left for a message that was searched for', () => {
    const { box, grow, scrollTo, button } = shown(true);
    fireEvent.click(button);
    scrollTo(900);
    grow(3000);

    expect(box.scrollTop).toBe(900);
  });
});
