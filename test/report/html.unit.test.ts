import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../src/report/index.js';
import { exampleAudios, exampleProtection, exampleReport } from './example.js';

const EVIL = '<script>alert(1)</script>"\'&';

/** The report with every string replaced that may hold any text. */
function evilReport(): ReturnType<typeof exampleReport> {
  const report = exampleReport({ name: EVIL });
  report.master.container = EVIL;
  Object.assign(report.master.video, { codec: EVIL, profile: EVIL, pixelFormat: EVIL, fieldOrder: EVIL });
  report.master.video.colour = { primaries: EVIL, transfer: EVIL, matrix: EVIL, range: 'pc' };
  Object.assign(report.master.audio[0]!, { codec: EVIL, layout: EVIL, language: EVIL, title: EVIL });
  Object.assign(report.master.text[0]!, { codec: EVIL, language: EVIL });
  report.master.findings.forEach((finding) => Object.assign(finding, { code: EVIL, message: EVIL }));
  report.probes.forEach((probe) => (probe.codec = EVIL));
  report.renditions.forEach((r, i) => Object.assign(r, { codec: EVIL, id: `${EVIL}${i}` }));
  report.cost.cpuSeconds[EVIL] = 3;
  report.tools = { ffmpeg: EVIL, libvmaf: EVIL, packager: EVIL, node: EVIL, hullcast: EVIL };
  return report;
}

describe('reportHtml', () => {
  it('escapes every string of the report', () => {
    const page = reportHtml(evilReport());
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toContain(`"'&`);
    expect(page.split('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;').length).toBeGreaterThan(40);
  });

  it('is the same each time and names nothing outside itself', () => {
    const page = reportHtml(exampleReport());
    expect(page).toBe(reportHtml(exampleReport()));
    expect(page).not.toMatch(/(src|href)="(?!#)/);
    expect(page).not.toMatch(/url\(|@import|https?:/);
  });

  it('has unique ids, and every reference to an id finds it', () => {
    const page = reportHtml(exampleReport({ shots: 20 }));
    const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    const references = [
      ...page.matchAll(/aria-labelledby="([^"]+)"|href="#([^"]+)"|data-pager="([^"]+)"/g),
    ].flatMap((match) => (match[1] ?? match[2] ?? match[3] ?? '').split(' '));
    expect(references.length).toBeGreaterThan(50);
    references.forEach((reference) => expect(ids).toContain(reference));
  });

  it('gives every drawing a title and a description, every table a caption and headers', () => {
    const page = reportHtml(exampleReport());
    const drawings = page.match(/<svg[^>]*role="img"[^]*?<\/svg>/g) ?? [];
    expect(drawings).toHaveLength(2 * 3 + 5);
    drawings.forEach((drawing) =>
      expect(drawing).toMatch(/^<svg[^>]*><title [^>]+>[^<]+<\/title><desc [^>]+>[^<]+</),
    );
    const tables = page.match(/<table>[^]*?<\/table>/g) ?? [];
    expect(tables.length).toBeGreaterThanOrEqual(6);
    tables.forEach((table) => {
      expect(table).toMatch(/<caption>[^<]+\w[^<]*<\/caption>/);
      expect(table).toContain('scope="col"');
      expect(table).toContain('scope="row"');
    });
  });

  it('lists the sound that ships', () => {
    const report = exampleReport();
    expect(reportHtml(report)).not.toContain('Audio that ships');
    report.audios = exampleAudios();
    const page = reportHtml(report);
    expect(page).toContain('Audio that ships');
    for (const text of [
      'en (default)',
      'AAC-LC',
      'Dolby Digital Plus, Atmos, as in the master',
      'commentary',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toMatch(/-23\.1<\/td>[\s\S]*-24<\/td>/);
    report.audios[0]!.name = EVIL;
    expect(reportHtml(report)).not.toContain('<script>alert(1)');
  });

  it('says how a title is encrypted, where it is', () => {
    const report = exampleReport();
    expect(reportHtml(report)).not.toContain('Encryption');
    report.protection = exampleProtection(report);
    const page = reportHtml(report);
    expect(page).toContain('<a href="#protection">Encryption</a>');
    for (const text of [
      'widevine, fairplay',
      '6 s, rounded up to segments',
      report.protection.keys[1]!.keyId,
      'audio-en',
    ])
      expect(page).toContain(text);
    Object.assign(report.protection, { keyService: EVIL, contentId: EVIL });
    Object.assign(report.protection.keys[0]!, { renditions: [EVIL] });
    expect(reportHtml(report)).not.toContain('<script>alert');
  });

  it('works without probes, findings, audio and text, and with two codecs', () => {
    const report = exampleReport();
    report.probes = [];
    Object.assign(report.master, { audio: [], text: [], findings: [] });
    report.renditions.slice(0, 3).forEach((rendition) => (rendition.codec = 'hevc'));
    const page = reportHtml(report);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(page).toContain('<h3>hevc</h3>');
    expect(page).toContain('no audio');
  });

  it.each([1, 5, 60])('draws %i shots without a coordinate that is no number', (shots) => {
    expect(reportHtml(exampleReport({ shots }))).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('keeps a film of 1500 shots to a size that opens, and says what it leaves out', () => {
    const page = reportHtml(exampleReport({ shots: 1500 }));
    expect(page).toContain('Only the 240 shots');
    expect(page.length).toBeLessThan(25_000_000);
  }, 60_000);
});
