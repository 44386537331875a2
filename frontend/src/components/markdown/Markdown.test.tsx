import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeAll, describe, expect, it } from 'vitest';

import { startI18n } from '@/lib/i18n';

import { hiddenHost } from './links';
import { Markdown } from './Markdown';

beforeAll(() => startI18n('en'));

describe('an answer', () => {
  it('loads nothing from anywhere', () => {
    const { container } = render(<Markdown text={'![secret](https://evil.example/?q=1) ![x](/local.png)'} />);

    expect(container.querySelectorAll('img, iframe, link, script, video, audio, object, embed')).toHaveLength(0);
    expect(screen.getByText('Picture, not loaded: secret')).toBeTruthy();
  });

  it('shows HTML as text', () => {
    const { container } = render(<Markdown text={'<img src=x onerror=alert(1)> and <b onclick="x()">bold</b>'} />);

    expect(container.querySelectorAll('img, b, [onclick]')).toHaveLength(0);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '/accounts/logout/', 'vbscript:x', '//evil.example/x'])(
    'has no link to %s',
    (href) => {
      const { container } = render(<Markdown text={`[here](${href})`} />);

      expect(container.querySelector('a')).toBeNull();
      expect(screen.getByText(/here/)).toBeTruthy();
    },
  );

  it('says where a link leads, and gives the page behind it no hold of this one', () => {
    render(<Markdown text={'[your bank](https://evil.example/login)'} />);

    const link = screen.getByRole('link', { name: 'your bank' });
    expect(link.getAttribute('rel')).toContain('noopener');
    expect(screen.getByText('(evil.example)')).toBeTruthy();
  });

  it.each([
    ['https://bank.example/login?evil.example', 'https://evil.example/', true],
    ['evil.example is safe', 'https://evil.example/', true],
    ['https://bank.example@evil.example/', 'https://bank.example@evil.example/', true],
    ['b\u0430nk.example', 'https://xn--bnk-8cd.example/', true],
    ['https://evil.example.org', 'https://evil.example', true],
    ['https://bank.example/login', 'https://bank.example/login', false],
    ['bank.example', 'https://bank.example/', false],
  ])('behind the words %j and to %s shows the host: %s', (words, target, isShown) => {
    expect(hiddenHost(new URL(target), words) !== null).toBe(isShown);
  });

  it('has formulas that are loaded with the first of them', async () => {
    const { container } = render(<Markdown text={'It costs $5 or $6.\n\nSo \\(a^2\\) holds, \\href{javascript:alert(1)}{no}.'} />);

    await waitFor(() => expect(container.querySelector('math')).toBeTruthy(), { timeout: 10_000 });
    expect(container.querySelectorAll('math')).toHaveLength(1);
    expect(screen.getByText('It costs $5 or $6.')).toBeTruthy();
  });

  it('follows no link inside a formula', async () => {
    const { container } = render(<Markdown text={'$$\\href{javascript:alert(1)}{x} \\includegraphics{https://evil.example/a.png} + \\frac{1}{2}$$'} />);

    await waitFor(() => expect(container.querySelector('.katex, .katex-error')).toBeTruthy(), { timeout: 10_000 });
    expect(container.querySelectorAll('a, img')).toHaveLength(0);
  });

  it('wraps long lines of code on request', () => {
    const { container } = render(<Markdown text={'```\nlong\n```'} />);
    const button = screen.getByRole('button', { name: 'Wrap lines' });
    fireEvent.click(button);

    expect(button.getAttribute('aria-pressed')).toBe('true');
    expect(container.querySelector('pre')?.dataset.wrapped).toBe('true');
  });
});

describe('an answer that means harm', () => {
  it.each(['- '.repeat(1_500) + 'end', '> '.repeat(10_000) + 'end', '1. '.repeat(3_000) + 'end', '*'.repeat(20_000) + 'end', '['.repeat(5_000) + 'end'])(
    'is read like any other: number %#',
    (text) => {
      expect(render(<Markdown text={text} />).container.textContent.includes('end')).toBe(true);
    },
  );
});
