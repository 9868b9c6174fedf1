import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Markup, escapeHtml, html, round } from '../../src/report/markup.js';

describe('markup', () => {
  it('escapes text, not markup, and joins lists', () => {
    const inner = html`<b>${'<&>"\''}</b>`;
    expect(inner.text).toBe('<b>&lt;&amp;&gt;&quot;&#39;</b>');
    expect(html`<p title="${'a"b'}">${[inner, ' ', 3, undefined, false, ['x']]}</p>`.text).toBe(
      '<p title="a&quot;b"><b>&lt;&amp;&gt;&quot;&#39;</b> 3x</p>',
    );
    expect(html`a${new Markup('<i>')}`.text).toBe('a<i>');
  });

  it('lets no text open a tag, close an attribute or hold a forbidden character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/);
        expect(escapeHtml(text).replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      }),
    );
  });

  it('keeps line breaks of values and folds those of templates', () => {
    const template = Object.assign(['<a\n    data-tip="', '"\n    >x'], { raw: [] });
    expect(html(template, 'one\n  two').text).toBe('<a data-tip="one\n  two" >x');
  });

  it('rounds without minus zero', () => {
    expect(Object.is(round(-0.01), 0)).toBe(true);
    expect(round(1.256, 2)).toBe(1.26);
  });
});
