import { describe, expect, it } from 'vitest';
import { type DocumentRequest, requestDocument } from '../../../src/keys/cpix/request-document.js';
import type { KeyLabel } from '../../../src/keys/index.js';
import { parse, problemsOf } from './demands.js';

const HEADERS = { 'content-type': 'application/xml', 'x-speke-version': '2.0', 'x-speke-user-agent': 'x' };
const kid = (digit: string): string => digit.repeat(32);
const uuid = (digit: string): string => [8, 4, 4, 4, 12].map((n) => digit.repeat(n)).join('-');

const request = (labels: KeyLabel[], more: Partial<DocumentRequest> = {}): DocumentRequest => ({
  ...{ contentId: 'film', scheme: 'cbcs', systems: ['widevine'], period: undefined },
  keys: labels.map((label, i) => ({ kid: kid(String(i + 1)), label })),
  ...more,
});

describe('the CPIX document that asks for keys', () => {
  it('names every key, system, signalling and use, and fills nothing', () => {
    expect(requestDocument(request(['HD', 'AUDIO'], { systems: ['playready', 'fairplay'] }))).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<cpix:CPIX contentId="film" version="2.3" xmlns:cpix="urn:dashif:org:cpix" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc">',
        '<cpix:ContentKeyList>',
        `<cpix:ContentKey kid="${uuid('1')}" commonEncryptionScheme="cbcs"/>`,
        `<cpix:ContentKey kid="${uuid('2')}" commonEncryptionScheme="cbcs"/>`,
        '</cpix:ContentKeyList>',
        '<cpix:DRMSystemList>',
        ...['1', '2'].map(
          (digit) =>
            `<cpix:DRMSystem kid="${uuid(digit)}" systemId="9a04f079-9840-4286-ab92-e65be0885f95">` +
            '<cpix:PSSH/><cpix:ContentProtectionData/>' +
            '<cpix:HLSSignalingData playlist="media"/><cpix:HLSSignalingData playlist="master"/></cpix:DRMSystem>',
        ),
        ...['1', '2'].map(
          (digit) =>
            `<cpix:DRMSystem kid="${uuid(digit)}" systemId="94ce86fb-07ff-4f43-adb8-93d2fa968ca2">` +
            '<cpix:HLSSignalingData playlist="media"/><cpix:HLSSignalingData playlist="master"/></cpix:DRMSystem>',
        ),
        '</cpix:DRMSystemList>',
        '<cpix:ContentKeyUsageRuleList>',
        `<cpix:ContentKeyUsageRule kid="${uuid('1')}" intendedTrackType="HD"><cpix:VideoFilter minPixels="589825" maxPixels="2073600"/></cpix:ContentKeyUsageRule>`,
        `<cpix:ContentKeyUsageRule kid="${uuid('2')}" intendedTrackType="AUDIO"><cpix:AudioFilter/></cpix:ContentKeyUsageRule>`,
        '</cpix:ContentKeyUsageRuleList>',
        '</cpix:CPIX>\n',
      ].join(''),
    );
  });

  it('says of a key period which keys are of it', () => {
    const text = requestDocument(request(['ALL'], { period: 7 }));
    expect(text).toContain(
      '<cpix:ContentKeyPeriodList><cpix:ContentKeyPeriod id="keyPeriod_7" index="7"/></cpix:ContentKeyPeriodList>' +
        `<cpix:ContentKeyUsageRuleList><cpix:ContentKeyUsageRule kid="${uuid('1')}" intendedTrackType="ALL">` +
        '<cpix:KeyPeriodFilter periodId="keyPeriod_7"/><cpix:VideoFilter/><cpix:AudioFilter/></cpix:ContentKeyUsageRule>',
    );
  });

  it('brings the certificate for which the keys shall be encrypted', () => {
    const text = requestDocument(request(['ALL'], { certificate: Buffer.from('its DER') }));
    expect(text).toContain(
      'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:enc="http://www.w3.org/2001/04/xmlenc#">' +
        '<cpix:DeliveryDataList><cpix:DeliveryData id="hullcast"><cpix:DeliveryKey><ds:X509Data>' +
        `<ds:X509Certificate>${Buffer.from('its DER').toString('base64')}</ds:X509Certificate>` +
        '</ds:X509Data></cpix:DeliveryKey></cpix:DeliveryData></cpix:DeliveryDataList><cpix:ContentKeyList>',
    );
  });

  it('keeps a content id what it is', () => {
    const contentId = `a&b <c> "d" 'e' ü 映画`;
    const text = requestDocument(request(['ALL'], { contentId }));
    expect(parse(text).getAttribute('contentId')).toBe(contentId);
    expect(problemsOf(HEADERS, text)).toEqual([]);
  });

  it('asks of ClearKey only where it asks of nothing else', () => {
    expect(requestDocument(request(['ALL'], { systems: ['clearkey', 'widevine'] }))).toBe(
      requestDocument(request(['ALL'], { systems: ['widevine'] })),
    );
    expect(requestDocument(request(['ALL'], { systems: ['clearkey'] }))).toContain(
      `<cpix:DRMSystemList><cpix:DRMSystem kid="${uuid('1')}" systemId="1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"><cpix:PSSH/></cpix:DRMSystem></cpix:DRMSystemList>`,
    );
  });

  it('covers every picture by exactly one key', () => {
    const root = parse(requestDocument(request(['SD', 'HD', 'UHD', 'AUDIO'])));
    const filters = Array.from(root.getElementsByTagName('cpix:VideoFilter'));
    const covering = (pixels: number): number =>
      filters.filter((filter) => {
        const [least, most] = ['minPixels', 'maxPixels'].map((name) => filter.getAttribute(name));
        return pixels >= Number(least ?? 0) && pixels <= Number(most ?? 2 ** 32 - 1);
      }).length;
    for (const pixels of [1, 1024 * 576, 1024 * 576 + 1, 1920 * 1080, 1920 * 1080 + 1, 7680 * 4320])
      expect(covering(pixels)).toBe(1);
  });

  it('is what SPEKE 2.0 and CPIX 2.3 demand, whatever is asked for', () => {
    const labels: KeyLabel[][] = [['ALL'], ['SD'], ['SD', 'AUDIO'], ['HD', 'SD', 'AUDIO', 'UHD']];
    const systems: DocumentRequest['systems'][] = [
      ['widevine'],
      ['clearkey'],
      ['fairplay'],
      ['widevine', 'playready', 'fairplay', 'clearkey'],
    ];
    for (const own of labels)
      for (const asked of systems)
        for (const period of [undefined, 0, 12]) {
          const text = requestDocument(request(own, { systems: asked, period }));
          expect(problemsOf(HEADERS, text), text).toEqual([]);
        }
  });

  it('would be found out if it were not', () => {
    const right = requestDocument(request(['HD', 'AUDIO']));
    const wrong: [string, string | RegExp, string][] = [
      ['Missing CPIX@contentId', ' contentId="film"', ''],
      ['Unsupported CPIX@version', 'version="2.3"', 'version="2.2"'],
      ['CPIX@id is not supported', '<cpix:CPIX ', '<cpix:CPIX id="a" '],
      ['is in a wrong namespace', 'urn:dashif:org:cpix', 'urn:dashif:org:other'],
      ['in another order than the schema', /(<cpix:PSSH\/>)(<cpix:Con\w+\/>)/, '$2$1'],
      ['has a value already', '<cpix:PSSH/>', '<cpix:PSSH>AAAA</cpix:PSSH>'],
      ['Non compliant ContentKey@commonEncryptionScheme', '"cbcs"', '"cenc"'],
      ['not every system is asked for every key', /<cpix:DRMSystem .*?<\/cpix:DRMSystem>/, ''],
      ['HLSSignalingData', '<cpix:HLSSignalingData playlist="master"/>', ''],
      ['Malformed encryption contract', 'minPixels="589825"', 'minPixels="589824"'],
      ['Malformed encryption contract', 'intendedTrackType="AUDIO"', 'intendedTrackType="HD"'],
      ['not one usage rule a key', /<cpix:ContentKeyUsageRule .*?<\/cpix:ContentKeyUsageRule>/, ''],
      ['Missing CPIX encryption contract', '<cpix:AudioFilter/>', ''],
      ['key ids', new RegExp(uuid('1'), 'g'), kid('1')],
    ];
    for (const [problem, from, to] of wrong) {
      const text = right.replace(from, to);
      expect(text).not.toBe(right);
      expect(problemsOf(HEADERS, text).join('; ')).toContain(problem);
    }
    expect(problemsOf({ ...HEADERS, 'x-speke-version': '1.0' }, right)).toEqual([
      'Unsupported SPEKE version',
    ]);
  });
});
