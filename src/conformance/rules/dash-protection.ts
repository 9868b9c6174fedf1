import { readPssh } from '../boxes/protection.js';
import { CENC_NAMESPACE, defaultKid, kidsOf, mp4Protection, protectionsOf } from '../dash/protection.js';
import type { RepresentationView } from '../dash/view.js';
import { initOf } from '../hls/listed.js';
import { keyOf } from './cenc.js';
import type { Rule } from './rule.js';

const DASH = { severity: 'error' } as const;
const SCHEME: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-PROTECTION',
  reference: 'ISO/IEC 23009-1, 5.8.4.1 and 5.8.5.2; ISO/IEC 23001-7, 11.2',
  asks: 'encrypted media has a ContentProtection of urn:mpeg:dash:mp4protection:2011 with its scheme, clear media has none',
  check: (view, report) => {
    const init = initOf(view);
    if (!init) return;
    const { element } = view.representation;
    const scheme = keyOf(init)?.scheme;
    const descriptors = protectionsOf(view.representation);
    const own = mp4Protection(view.representation);
    if (scheme === undefined) {
      const [other] = descriptors;
      if (other)
        report({ line: other.line, expected: 'none: the media is clear', found: 'ContentProtection' });
    } else if (own?.attributes.get('value') !== scheme) {
      const found = own ? (own.attributes.get('value') ?? 'no value') : 'none';
      report({ line: own?.line ?? element.line, expected: `mp4protection of ${scheme}`, found });
    }
  },
};

const KID: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-DEFAULT-KID',
  reference: 'ISO/IEC 23001-7, 11.2; DASH-IF IOP 4.3, 7.5.2',
  asks: 'cenc:default_KID is that of tenc',
  check: (view, report) => {
    const kid = keyOf(initOf(view))?.kid;
    const own = mp4Protection(view.representation);
    if (kid === undefined || !own) return;
    const text = defaultKid(own);
    if (!kidsOf(text).includes(kid)) report({ line: own.line, expected: kid, found: text ?? 'none' });
  },
};

const PSSH: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-PSSH',
  reference: 'ISO/IEC 23001-7, 8.1 and 11.2; ISO/IEC 23009-1, 5.8.4.1',
  asks: "cenc:pssh is a whole pssh box in base64, of the descriptor's system",
  check: ({ representation }, report) => {
    for (const { attributes, children, line } of protectionsOf(representation)) {
      const system = /^urn:uuid:([0-9a-f-]{36})$/i.exec(attributes.get('schemeIdUri') ?? '')?.[1];
      for (const { name, namespace, text } of children) {
        if (name !== 'pssh' || namespace !== CENC_NAMESPACE) continue;
        const base64 = text.replace(/\s+/g, '');
        const { problem, systemId } = readPssh(Buffer.from(base64, 'base64'), 'pssh');
        const wanted = system?.replaceAll('-', '').toLowerCase();
        if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
          report({ line, expected: 'base64', found: base64.slice(0, 40) });
        else if (problem !== undefined) report({ line, expected: 'a pssh box', found: problem });
        else if (wanted !== undefined && systemId !== wanted)
          report({ line, expected: wanted, found: systemId });
      }
    }
  },
};

export const DASH_PROTECTION_RULES: readonly Rule<RepresentationView>[] = [SCHEME, KID, PSSH];
