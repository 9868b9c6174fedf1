import { describe, expect, it } from 'vitest';
import type { RepresentationView } from '../../src/conformance/dash/view.js';
import { DASH_MEDIA_RULES } from '../../src/conformance/rules/dash-media.js';

/** What the rule says of pictures of 720x576 samples in 16:9. */
function found(attributes: Record<string, string>): string[] {
  const entry = { width: 720, height: 576, pixel: { width: 64, height: 45 } };
  const view = {
    representation: { element: { line: 1 }, attribute: (name: string) => attributes[name] },
    track: [{ init: { tracks: [{ kind: 'video', entries: [entry] }] } }],
  };
  const violations: string[] = [];
  const rule = DASH_MEDIA_RULES.find(({ id }) => id === 'DASH-VIDEO-SIZE')!;
  rule.check(view as unknown as RepresentationView, (violation) => violations.push(violation.found));
  return violations;
}

describe('DASH-VIDEO-SIZE, of pixels that are not square', () => {
  it('takes samples, and without @sar what is displayed', () => {
    expect(found({ width: '720', height: '576', sar: '64:45' })).toEqual([]);
    expect(found({ width: '720', height: '576' })).toEqual([]);
    expect(found({ width: '1024', height: '576' })).toEqual([]);
    expect(found({ width: '720', height: '405' })).toEqual([]);
  });

  it('takes no others, and with @sar samples only', () => {
    expect(found({ width: '1024', height: '576', sar: '64:45' })).toEqual(['1024']);
    expect(found({ width: '768', height: '432' })).toEqual(['768', '432']);
  });
});
