import { render, screen } from '@testing-library/react';
import { beforeAll, describe, expect, it } from 'vitest';

import { startI18n } from '@/lib/i18n';

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
});
