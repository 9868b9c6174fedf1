import { type Rational, formatRational, toNumber } from '../media/index.js';
import { finding, rangeFindings } from './findings.js';
import type { Timing } from './timing.js';
import type { Finding } from './types.js';

/** A master shorter than this, seconds, is noted. */
const SHORT_SECONDS = 1;

/** A master with fewer frames a second than this is noted. */
const LOW_RATE = 15;

/** Frames a second for people: 23.976. */
export function displayRate(fps: Rational): string {
  return String(Math.round(toNumber(fps) * 1000) / 1000);
}

/** What the frame times of a master give to report. `frames`: decoded ones. */
export function timingFindings(timing: Timing, frames: number, rateDeclared: boolean): Finding[] {
  const { fps, kind, gaps, doubled } = timing;
  const rate = displayRate(fps);
  const findings: Finding[] = [];
  if (kind === 'unknown' && !rateDeclared) {
    findings.push(
      finding('frame-rate-unknown', `neither the file nor its frames tell a rate: taken for ${rate} fps`),
    );
  }
  if (kind === 'variable') {
    const message = `variable frame rate: ${frames} frames become ${timing.frames} at a constant ${rate} fps (${formatRational(fps)})`;
    findings.push(finding('variable-frame-rate', message));
  }
  if (kind === 'gaps') {
    findings.push(
      ...rangeFindings('dropped-frames', gaps, ({ start, end }) => {
        return `${end - start} missing from the timestamps: filled with the frame before`;
      }),
      ...rangeFindings(
        'duplicate-timestamps',
        doubled,
        () => 'more than one frame for this time: one is kept',
      ),
    );
  }
  if (timing.frames / toNumber(fps) < SHORT_SECONDS) {
    findings.push(finding('very-short', `only ${timing.frames} frame${timing.frames === 1 ? '' : 's'}`));
  }
  if (toNumber(fps) < LOW_RATE) findings.push(finding('low-frame-rate', `only ${rate} frames a second`));
  return findings;
}
