import { describe, expect, it } from 'vitest';

import { deviceOf } from './device';

describe('deviceOf', () => {
  it('knows browser and system, where the server does', () => {
    expect(deviceOf('Firefox on Linux')).toEqual({ browser: 'Firefox', system: 'Linux' });
    expect(deviceOf('Firefox')).toBeNull();
    expect(deviceOf('')).toBeNull();
  });
});
