import { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { DOMParser, type Element } from '@xmldom/xmldom';

/**
 * What SPEKE 2.0 ("Standard payload components", "Encryption contract", "Customizations and constraints") and the schema of
 * CPIX 2.3 demand of a request. Written from them, and from nothing in src.
 */
const CPIX = 'urn:dashif:org:cpix';
const DS = 'http://www.w3.org/2000/09/xmldsig#';

export const WIDEVINE = 'edef8ba9-79d6-4ace-a3c8-27dcd51d21ed';
export const PLAYREADY = '9a04f079-9840-4286-ab92-e65be0885f95';
export const FAIRPLAY = '94ce86fb-07ff-4f43-adb8-93d2fa968ca2';
export const COMMON = '1077efec-c0b2-4d02-ace3-3c1e52e2fb4b';

interface Rule {
  namespace: string;
  mandatory: string[];
  optional: string[];
  /** In the order of the schema: name, least, most. */
  children: [string, number, number][];
}
const rule = (
  mandatory: string[],
  optional: string[],
  children: [string, number, number][] = [],
  namespace = CPIX,
): Rule => ({ namespace, mandatory, optional, children });
const MANY = 1000;

const ELEMENTS: Readonly<Record<string, Rule>> = {
  CPIX: rule(
    ['contentId', 'version'],
    ['name'],
    [
      ['DeliveryDataList', 0, 1],
      ['ContentKeyList', 1, 1],
      ['DRMSystemList', 1, 1],
      ['ContentKeyPeriodList', 0, 1],
      ['ContentKeyUsageRuleList', 1, 1],
    ],
  ),
  DeliveryDataList: rule([], ['id'], [['DeliveryData', 1, MANY]]),
  DeliveryData: rule([], ['id', 'name'], [['DeliveryKey', 1, 1]]),
  DeliveryKey: rule([], [], [['X509Data', 1, 1]]),
  X509Data: rule([], [], [['X509Certificate', 1, 1]], DS),
  X509Certificate: rule([], [], [], DS),
  ContentKeyList: rule([], ['id'], [['ContentKey', 1, MANY]]),
  ContentKey: rule(['kid', 'commonEncryptionScheme'], ['id', 'Algorithm', 'explicitIV']),
  DRMSystemList: rule([], ['id'], [['DRMSystem', 1, MANY]]),
  DRMSystem: rule(
    ['kid', 'systemId'],
    ['id', 'name'],
    [
      ['PSSH', 0, 1],
      ['ContentProtectionData', 0, 1],
      ['HLSSignalingData', 0, 2],
      ['SmoothStreamingProtectionHeaderData', 0, 1],
    ],
  ),
  PSSH: rule([], []),
  ContentProtectionData: rule([], []),
  HLSSignalingData: rule(['playlist'], []),
  SmoothStreamingProtectionHeaderData: rule([], []),
  ContentKeyPeriodList: rule([], ['id'], [['ContentKeyPeriod', 1, MANY]]),
  ContentKeyPeriod: rule(['id', 'index'], []),
  ContentKeyUsageRuleList: rule([], ['id'], [['ContentKeyUsageRule', 1, MANY]]),
  ContentKeyUsageRule: rule(
    ['kid', 'intendedTrackType'],
    [],
    [
      ['KeyPeriodFilter', 0, MANY],
      ['VideoFilter', 0, MANY],
      ['AudioFilter', 0, MANY],
    ],
  ),
  KeyPeriodFilter: rule(['periodId'], []),
  VideoFilter: rule([], ['minPixels', 'maxPixels', 'hdr', 'minFps', 'maxFps']),
  AudioFilter: rule([], ['minChannels', 'maxChannels']),
};

/** Presets PRESET-VIDEO-3, PRESET-AUDIO-1 and SHARED: track type, and the filters that go with it. */
const PRESETS: Readonly<Record<string, string>> = {
  SD: 'VideoFilter(maxPixels=589824)',
  HD: 'VideoFilter(maxPixels=2073600,minPixels=589825)',
  UHD: 'VideoFilter(minPixels=2073601)',
  AUDIO: 'AudioFilter()',
  ALL: 'VideoFilter() AudioFilter()',
};

export const childrenOf = (element: Element): Element[] =>
  Array.from(element.childNodes).filter((node): node is Element => node.nodeType === 1);
export const attributesOf = (element: Element): Record<string, string> =>
  Object.fromEntries(
    Array.from(element.attributes)
      .filter(({ name }) => !name.startsWith('xmlns'))
      .map(({ name, value }) => [name, value]),
  );
/** Every element of that name, in the order of the document. */
export function findAll(element: Element, name: string): Element[] {
  return childrenOf(element).flatMap((child) => [
    ...(child.localName === name ? [child] : []),
    ...findAll(child, name),
  ]);
}

export function parse(body: string): Element {
  const parser = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  });
  return parser.parseFromString(body, 'application/xml').documentElement!;
}

/** What is wrong with a request; nothing where it is right. */
export function problemsOf(headers: IncomingHttpHeaders, body: string): string[] {
  const problems: string[] = [];
  if (headers['content-type'] !== 'application/xml') problems.push('content-type is not application/xml');
  if (headers['x-speke-version'] !== '2.0') problems.push('Unsupported SPEKE version');
  if (!headers['x-speke-user-agent']) problems.push('no X-Speke-User-Agent');
  if (!body.startsWith('<?xml version="1.0" encoding="UTF-8"?>')) problems.push('no XML declaration');
  const root = parse(body);
  if (root.localName !== 'CPIX') problems.push('root is not CPIX');
  if (!root.getAttribute('contentId')) problems.push('Missing CPIX@contentId');
  if (root.getAttribute('version') !== '2.3') problems.push('Unsupported CPIX@version');
  for (const prefix of ['cpix', 'pskc'])
    if (!root.hasAttribute(`xmlns:${prefix}`)) problems.push(`xmlns:${prefix} is mandatory`);
  return [
    ...problems,
    ...structure(root),
    ...keys(root),
    ...systems(root),
    ...contract(root),
    ...delivery(root),
  ];
}

function structure(element: Element): string[] {
  const name = element.localName!;
  const known = ELEMENTS[name];
  if (!known) return [`${name} is not supported`];
  const problems: string[] = [];
  if (element.namespaceURI !== known.namespace) problems.push(`${name} is in a wrong namespace`);
  const given = Object.keys(attributesOf(element));
  for (const attribute of known.mandatory)
    if (!given.includes(attribute)) problems.push(`${name}@${attribute} is missing`);
  for (const attribute of given)
    if (![...known.mandatory, ...known.optional].includes(attribute))
      problems.push(`${name}@${attribute} is not supported`);
  const names = childrenOf(element).map((child) => child.localName!);
  const order = known.children.map(([child]) => child);
  const positions = names.map((child) => order.indexOf(child));
  if (positions.some((position, i) => position < 0 || position < (positions[i - 1] ?? 0)))
    problems.push(`${name} has its elements in another order than the schema: ${names.join()}`);
  for (const [child, least, most] of known.children) {
    const found = names.filter((one) => one === child).length;
    if (found < least || found > most) problems.push(`${name} has ${found} ${child}`);
  }
  if (name !== 'X509Certificate' && names.length === 0 && element.textContent !== '')
    problems.push(`${name} has a value already`);
  return [...problems, ...childrenOf(element).flatMap(structure)];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const kidsOf = (root: Element): string[] =>
  findAll(root, 'ContentKey').map((key) => key.getAttribute('kid')!);
const twice = (items: readonly string[]): boolean => new Set(items).size < items.length;

function keys(root: Element): string[] {
  const problems: string[] = [];
  const kids = kidsOf(root);
  if (!kids.every((kid) => UUID.test(kid)) || twice(kids)) problems.push(`key ids: ${kids.join()}`);
  const schemes = new Set(
    findAll(root, 'ContentKey').map((key) => key.getAttribute('commonEncryptionScheme')),
  );
  if (schemes.size > 1) problems.push('Non compliant ContentKey@commonEncryptionScheme combination');
  if (![...schemes].every((scheme) => ['cenc', 'cbcs', 'cens', 'cbc1'].includes(scheme!)))
    problems.push('no scheme of ISO/IEC 23001-7');
  const fairplay = findAll(root, 'DRMSystem').some((system) => system.getAttribute('systemId') === FAIRPLAY);
  if (fairplay && !schemes.has('cbcs'))
    problems.push(`ContentKey@commonEncryptionScheme non compatible with DRMSystem ${FAIRPLAY}`);
  return problems;
}

function systems(root: Element): string[] {
  const problems: string[] = [];
  const all = findAll(root, 'DRMSystem').map(attributesOf);
  const ids = new Set(all.map(({ systemId }) => systemId!));
  for (const id of ids)
    if (![WIDEVINE, PLAYREADY, FAIRPLAY, COMMON].includes(id)) problems.push(`unknown system ${id}`);
  const wanted = [...ids].flatMap((id) => kidsOf(root).map((kid) => `${id} ${kid}`)).sort();
  const given = all.map(({ systemId, kid }) => `${systemId} ${kid}`).sort();
  if (given.join() !== wanted.join()) problems.push('not every system is asked for every key, once');
  for (const system of findAll(root, 'DRMSystem')) {
    const playlists = findAll(system, 'HLSSignalingData').map((data) => data.getAttribute('playlist'));
    // HLS is signalled in both kinds of playlist or not at all.
    if (playlists.length > 0 && playlists.sort().join() !== 'master,media') problems.push('HLSSignalingData');
    const isBoxed = [WIDEVINE, PLAYREADY, COMMON].includes(system.getAttribute('systemId')!);
    if (isBoxed && findAll(system, 'PSSH').length === 0)
      problems.push('PSSH is mandatory for fragmented MP4');
  }
  return problems;
}

function contract(root: Element): string[] {
  const problems: string[] = [];
  const rules = findAll(root, 'ContentKeyUsageRule');
  const kids = rules.map((one) => one.getAttribute('kid')!);
  if (kids.toSorted().join() !== kidsOf(root).sort().join()) problems.push('not one usage rule a key');
  const types = rules.map((one) => one.getAttribute('intendedTrackType')!);
  if (twice(types)) problems.push('Malformed encryption contract: a track type is there twice');
  if (types.includes('ALL') && types.length > 1)
    problems.push('Malformed encryption contract: ALL and others');
  for (const one of rules) {
    const filters = childrenOf(one).filter(({ localName }) => localName !== 'KeyPeriodFilter');
    const text = filters.map((filter) => {
      const attributes = Object.entries(attributesOf(filter)).map(([name, value]) => `${name}=${value}`);
      return `${filter.localName}(${attributes.sort().join()})`;
    });
    if (text.length === 0) problems.push('Missing CPIX encryption contract');
    if (text.join(' ') !== PRESETS[one.getAttribute('intendedTrackType')!])
      problems.push(
        `Malformed encryption contract: ${one.getAttribute('intendedTrackType')} ${text.join(' ')}`,
      );
  }
  const periods = findAll(root, 'ContentKeyPeriod').map((period) => period.getAttribute('id')!);
  const filters = findAll(root, 'KeyPeriodFilter').map((filter) => filter.getAttribute('periodId')!);
  if (periods.length > 1 || twice(periods)) problems.push('more than one key period in a request');
  if (
    filters.length !== (periods.length === 0 ? 0 : rules.length) ||
    !filters.every((id) => periods.includes(id))
  )
    problems.push('keys of a period refer to it, others do not');
  return problems;
}

function delivery(root: Element): string[] {
  return findAll(root, 'X509Certificate').flatMap((element) => {
    const certificate = new X509Certificate(Buffer.from(element.textContent ?? '', 'base64'));
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
    const fits = asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
    return fits ? [] : ['SPEKE requires RSA certificates of 2048 bits'];
  });
}
