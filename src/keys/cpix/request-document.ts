import { SYSTEM_ID, uuidOf } from '../ids.js';
import type { DrmSystem, ProtectionScheme, WantedKey } from '../types.js';
import { askedElements, askedSystems } from './asked.js';
import { usageRule } from './contract.js';
import { NAMESPACES, xml } from './xml.js';

/** Of the CPIX documents that SPEKE 2.0 exchanges. */
export const CPIX_VERSION = '2.3';

/** What one document asks for: the keys of one key period. */
export interface DocumentRequest {
  contentId: string;
  scheme: ProtectionScheme;
  systems: readonly DrmSystem[];
  keys: readonly WantedKey[];
  /** Number of the keys' period, where there are several. */
  period: number | undefined;
  /** DER of the certificate by which the answer's keys shall be encrypted; in the clear without. */
  certificate?: Uint8Array | undefined;
}

/**
 * The CPIX document with which SPEKE 2.0 asks for keys: everything named, nothing filled. Elements are in the order of
 * the schema of CPIX 2.3.
 */
export function requestDocument(request: DocumentRequest): string {
  const { contentId, scheme, keys, period, certificate } = request;
  const periodId = period === undefined ? undefined : `keyPeriod_${period}`;
  const { cpix, pskc, ds, enc } = NAMESPACES;
  const attributes = {
    ...{ contentId, version: CPIX_VERSION, 'xmlns:cpix': cpix, 'xmlns:pskc': pskc },
    ...(certificate ? { 'xmlns:ds': ds, 'xmlns:enc': enc } : {}),
  };
  const contentKeys = keys.map(({ kid }) =>
    xml('cpix:ContentKey', { kid: uuidOf(kid), commonEncryptionScheme: scheme }),
  );
  const systems = askedSystems(request.systems).flatMap((system) =>
    keys.map(({ kid }) => drmSystem(kid, system)),
  );
  const rules = keys.map(({ kid, label }) => usageRule(uuidOf(kid), label, periodId));
  const periods = xml('cpix:ContentKeyPeriod', { id: periodId, index: period });
  const root = xml(
    'cpix:CPIX',
    attributes,
    ...(certificate ? [deliveryData(certificate)] : []),
    xml('cpix:ContentKeyList', {}, ...contentKeys),
    xml('cpix:DRMSystemList', {}, ...systems),
    ...(period === undefined ? [] : [xml('cpix:ContentKeyPeriodList', {}, periods)]),
    xml('cpix:ContentKeyUsageRuleList', {}, ...rules),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function drmSystem(kid: string, system: DrmSystem): string {
  const asked = askedElements(system).map(({ element, playlist }) => xml(`cpix:${element}`, { playlist }));
  return xml('cpix:DRMSystem', { kid: uuidOf(kid), systemId: uuidOf(SYSTEM_ID[system]) }, ...asked);
}

/** Who the answer's keys are for. */
function deliveryData(certificate: Uint8Array): string {
  const base64 = Buffer.from(certificate).toString('base64');
  const data = xml('ds:X509Data', {}, xml('ds:X509Certificate', {}, base64));
  const delivery = xml('cpix:DeliveryData', { id: 'hullcast' }, xml('cpix:DeliveryKey', {}, data));
  return xml('cpix:DeliveryDataList', {}, delivery);
}
