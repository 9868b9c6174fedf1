import { type SampleEncryption, encryptionOf } from '../boxes/encryption.js';
import { type Traf, hasGroups } from '../boxes/fragment.js';
import type { Init, SampleEntry } from '../boxes/init.js';
import type { Protection } from '../boxes/protection.js';
import { type Segment, trackOf } from '../media/segment.js';
import type { Report, Rule } from './rule.js';

const CENC = 'ISO/IEC 23001-7';

function* protections({ tracks }: Init): Generator<{ entry: SampleEntry; protection: Protection }> {
  for (const { entries } of tracks) {
    for (const entry of entries) if (entry.protection) yield { entry, protection: entry.protection };
  }
}

const SINF: Rule<Init> = {
  id: 'CENC-SINF',
  severity: 'error',
  reference: `${CENC}, 4; ISO/IEC 14496-12, 8.12`,
  asks: 'an encrypted sample entry says its format (frma), scheme (schm) and encryption (schi with tenc)',
  check: (init, report) => {
    for (const { entry, protection } of protections(init)) {
      if (protection.missing.length > 0) {
        report({
          expected: `sinf, frma, schm and tenc in ${entry.type}`,
          found: `no ${protection.missing.join(', ')}`,
        });
      }
    }
  },
};

/** Schemes with AES in counter mode, those that encrypt whole blocks in a row, and those with a pattern. */
const COUNTER: ReadonlySet<string> = new Set(['cenc', 'cens']);
const WHOLE: ReadonlySet<string> = new Set(['cenc', 'cbc1']);
const PATTERN: ReadonlySet<string> = new Set(['cens', 'cbcs']);

/** What a scheme asks of tenc, in words; undefined where it is met (ISO/IEC 23001-7, 10.1 to 10.4). */
function tencProblem(scheme: string, tenc: NonNullable<Protection['tenc']>): string | undefined {
  const pattern = tenc.cryptBlocks > 0 || tenc.skipBlocks > 0;
  if (tenc.isProtected > 1) return `isProtected ${tenc.isProtected}`;
  if (![0, 8, 16].includes(tenc.ivSize)) return `initialisation vectors of ${tenc.ivSize} bytes`;
  if (tenc.isProtected === 0) return undefined;
  if (tenc.ivSize === 0 && ![8, 16].includes(tenc.constantIvSize)) {
    return `a constant initialisation vector of ${tenc.constantIvSize} bytes`;
  }
  if (COUNTER.has(scheme) && tenc.ivSize === 0) return 'a constant initialisation vector in counter mode';
  if (WHOLE.has(scheme) && pattern) return `a pattern of ${tenc.cryptBlocks}:${tenc.skipBlocks}`;
  return PATTERN.has(scheme) && tenc.version === 0 ? 'version 0, which has no pattern' : undefined;
}

const TENC: Rule<Init> = {
  id: 'CENC-TENC',
  severity: 'error',
  reference: `${CENC}, 8.2 and 10`,
  asks: 'tenc is of its scheme: vectors of 8 or 16 bytes, a pattern in cbcs and cens only, no constant vector with counters',
  check: (init, report) => {
    for (const { protection } of protections(init)) {
      const { scheme, tenc } = protection;
      if (scheme !== '' && !WHOLE.has(scheme) && !PATTERN.has(scheme)) {
        report({ expected: 'cenc, cens, cbc1 or cbcs', found: scheme });
      }
      const problem = tenc && tencProblem(scheme, tenc);
      if (problem !== undefined) report({ expected: `tenc of ${scheme}`, found: problem });
      if (tenc?.isProtected === 1 && /^0+$/.test(tenc.kid)) report({ expected: 'a key id', found: 'zeros' });
    }
  },
};

const PSSH: Rule<Init> = {
  id: 'CENC-PSSH',
  severity: 'error',
  reference: `${CENC}, 8.1`,
  asks: 'pssh boxes are of version 0 or 1, and their key ids and data fill them exactly',
  check: ({ psshs }, report) => {
    for (const { where, problem } of psshs) {
      if (problem !== undefined) report({ expected: `${where}: a pssh box`, found: problem });
    }
  },
};

const PSSH_KID: Rule<Init> = {
  id: 'CENC-PSSH-KID',
  severity: 'warning',
  reference: `${CENC}, 8.1.1`,
  asks: 'a pssh box that lists key ids lists that of the track',
  check: (init, report) => {
    for (const { protection } of protections(init)) {
      const kid = protection.tenc?.kid;
      for (const { where, kids, problem } of init.psshs) {
        if (kid === undefined || problem !== undefined || kids.length === 0 || kids.includes(kid)) continue;
        report({ expected: `${where}: ${kid}`, found: kids.join(', ') });
      }
    }
  },
};

interface EncryptedEntry {
  protection: Protection;
  /** Its samples are NAL units, whose headers stay in the clear: every sample has a map of them (ISO/IEC 23001-7, 9.5.2). */
  ofNalUnits: boolean;
}

/** Calls back for every traf whose samples are encrypted as its sample entry says. */
function eachEncrypted(
  segment: Segment,
  call: (traf: Traf, entry: EncryptedEntry, encryption: SampleEncryption) => void,
): void {
  for (const { moof, trafs } of segment.fragments) {
    for (const traf of trafs) {
      const entry = trackOf(segment, traf.trackId)?.entries[traf.description - 1];
      // Samples of a group may have other keys, or none (key rotation, clear lead): their group says.
      if (entry?.protection?.tenc?.isProtected !== 1 || hasGroups(traf, 'seig')) continue;
      const { protection, nalLength } = entry;
      call(
        traf,
        { protection, ofNalUnits: nalLength !== undefined },
        encryptionOf(traf.box, protection, moof.start),
      );
    }
  }
}

const AUX: Rule<Segment> = {
  id: 'CENC-AUX-INFO',
  severity: 'error',
  reference: `${CENC}, 7; ISO/IEC 23000-19, 7.4.2`,
  asks: 'fragments with vectors of their own, or of NAL units, carry senc, or saiz and saio; senc fits its box',
  check: (segment, report) => {
    eachEncrypted(segment, (traf, { protection: { tenc }, ofNalUnits }, { senc, saiz, saio }) => {
      const where = `traf at ${traf.box.start}`;
      if ((tenc?.ivSize !== 0 || ofNalUnits) && !senc && !(saiz && saio))
        report({ expected: `${where}: senc`, found: 'none' });
      if ((saiz === undefined) !== (saio === undefined)) {
        report({ expected: `${where}: saiz and saio`, found: saiz ? 'saiz only' : 'saio only' });
      }
      if (senc?.problem !== undefined)
        report({ expected: `${where}: senc of its samples`, found: senc.problem });
    });
  },
};

const COUNT: Rule<Segment> = {
  id: 'CENC-SAMPLE-COUNT',
  severity: 'error',
  reference: `${CENC}, 7.2; ISO/IEC 14496-12, 8.7.8`,
  asks: 'senc and saiz have as many samples as trun',
  check: (segment, report) => {
    eachEncrypted(segment, ({ run }, _protection, { senc, saiz }) => {
      for (const [name, table] of Object.entries({ senc, saiz })) {
        if (run && table && table.samples !== run.samples) {
          report({ expected: `${run.samples} samples in ${name}`, found: String(table.samples) });
        }
      }
    });
  },
};

const SUBSAMPLES: Rule<Segment> = {
  id: 'CENC-SUBSAMPLES',
  severity: 'error',
  reference: `${CENC}, 9.4 and 9.5.2`,
  asks: 'the subsamples of a sample, clear and protected, add up to its size; samples of NAL units have some',
  check: (segment, report) => {
    eachEncrypted(segment, ({ run }, { ofNalUnits }, { senc }) => {
      if (!run || senc?.entries.length !== run.samples) return;
      const whole = senc.entries.findIndex(({ covered }) => ofNalUnits && covered === undefined);
      if (whole >= 0) report({ expected: `sample ${whole + 1}: subsamples`, found: 'none' });
      const wrong = senc.entries.findIndex(
        ({ covered }, index) => covered !== undefined && covered !== run.sizes[index],
      );
      if (wrong < 0) return;
      const expected = `sample ${wrong + 1}: subsamples of ${run.sizes[wrong]} bytes`;
      report({ expected, found: String(senc.entries[wrong]?.covered) });
    });
  },
};

/** saiz and saio must lead to what senc holds. */
function checkAux(senc: NonNullable<SampleEncryption['senc']>, aux: SampleEncryption, report: Report): void {
  const { saiz, saio } = aux;
  if (saio && saio.length > 0 && saio[0] !== senc.start) {
    report({ expected: `saio to byte ${senc.start}`, found: String(saio[0]) });
  }
  const wrong = senc.entries.findIndex(
    ({ bytes }, index) => saiz && (saiz.sizes?.[index] ?? saiz.size) !== bytes,
  );
  if (wrong >= 0 && saiz) {
    const found = String(saiz.sizes?.[wrong] ?? saiz.size);
    report({ expected: `sample ${wrong + 1}: ${senc.entries[wrong]?.bytes} bytes in saiz`, found });
  }
}

const SAIO: Rule<Segment> = {
  id: 'CENC-SAIO',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.7.8 and 8.7.9; ISO/IEC 23001-7, 7.1',
  asks: 'saio leads to the entries of senc, and saiz has their sizes',
  check: (segment, report) => {
    eachEncrypted(segment, ({ run }, _protection, aux) => {
      if (aux.senc && aux.senc.entries.length === run?.samples) checkAux(aux.senc, aux, report);
    });
  },
};

export const CENC_INIT_RULES: readonly Rule<Init>[] = [SINF, TENC, PSSH, PSSH_KID];
export const CENC_SEGMENT_RULES: readonly Rule<Segment>[] = [AUX, COUNT, SUBSAMPLES, SAIO];

/** Key id and scheme of a track's first sample entry; undefined where it is in the clear. */
export function keyOf(init: Init | undefined): { scheme: string; kid: string } | undefined {
  for (const { protection } of init?.tracks[0]?.entries ?? []) {
    if (protection?.tenc) return { scheme: protection.scheme, kid: protection.tenc.kid };
  }
  return undefined;
}
