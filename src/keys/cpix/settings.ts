import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type HullcastError, badUsage } from '../../errors.js';
import { readSecretFile } from '../secret-file.js';
import type { Recipient } from './document-keys.js';
import type { TlsFiles } from './post.js';

/** How a provider is asked. Files are named here and read when keys are asked for, so that new ones count at once. */
export interface CpixSettings {
  url: URL;
  /** HULLCAST_CPIX_HEADERS_FILE */
  headersFile: string | undefined;
  /** HULLCAST_CPIX_CERTIFICATE_FILE and HULLCAST_CPIX_PRIVATE_KEY_FILE */
  recipient: { certificateFile: string; privateKeyFile: string } | undefined;
  /** HULLCAST_CPIX_TLS_CERTIFICATE_FILE and HULLCAST_CPIX_TLS_PRIVATE_KEY_FILE */
  client: { certificateFile: string; privateKeyFile: string } | undefined;
  /** HULLCAST_CPIX_TLS_CA_FILE */
  caFile: string | undefined;
}

/** What the files hold. */
export interface CpixCredentials {
  headers: Record<string, string>;
  recipient: Recipient | undefined;
  tls: TlsFiles;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** SPEKE 2.0 asks for RSA certificates of 2048 bits; more is CPIX's own recommendation. */
const LEAST_RSA_BITS = 2048;
const HEADER = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)[ \t]*$/;
/** Headers that are ours to set. */
const OWN_HEADERS = new Set([
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'x-speke-version',
]);

/** Reads HULLCAST_CPIX_… for the provider at `address`. Throws KEY_SERVICE_CONFIG. */
export function cpixSettings(address: string, env: NodeJS.ProcessEnv): CpixSettings {
  const file = (name: string): string | undefined => {
    const named = env[`HULLCAST_CPIX_${name}_FILE`];
    return named ? resolve(named) : undefined;
  };
  const pair = (prefix: string): { certificateFile: string; privateKeyFile: string } | undefined => {
    const certificateFile = file(`${prefix}CERTIFICATE`);
    const privateKeyFile = file(`${prefix}PRIVATE_KEY`);
    if (certificateFile !== undefined && privateKeyFile !== undefined)
      return { certificateFile, privateKeyFile };
    if (certificateFile === undefined && privateKeyFile === undefined) return undefined;
    const names = ['CERTIFICATE', 'PRIVATE_KEY'].map((name) => `HULLCAST_CPIX_${prefix}${name}_FILE`);
    throw badConfig(`${names.join(' and ')} belong together: one is set, the other is not`);
  };
  return {
    url: providerUrl(address, env['HULLCAST_CPIX_ALLOW_HTTP']),
    headersFile: file('HEADERS'),
    recipient: pair(''),
    client: pair('TLS_'),
    caFile: file('TLS_CA'),
  };
}

/** `allowHttp` is the host that may be asked without TLS. Path and query may hold a token: errors do not show them. */
function providerUrl(address: string, allowHttp: string | undefined): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw badConfig('HULLCAST_KEYS has no https URL after `cpix:`');
  if (url.username !== '' || url.password !== '')
    throw badConfig(
      'the URL in HULLCAST_KEYS has a user or password in it: put them into the file of headers',
    );
  const mayBePlain = LOOPBACK.test(url.hostname) || (allowHttp !== undefined && url.hostname === allowHttp);
  if (url.protocol === 'http:' && !mayBePlain)
    throw badConfig(`${url.origin} would be asked without TLS, and keys come back in the clear`);
  url.hash = '';
  return url;
}

/** Reads the files. Throws KEY_SERVICE_CONFIG, KEY_FILE_UNREADABLE, KEY_FILE_EXPOSED. */
export async function readCredentials(settings: CpixSettings): Promise<CpixCredentials> {
  const { headersFile, recipient, client, caFile } = settings;
  return {
    headers: headersFile === undefined ? {} : await readHeaders(headersFile),
    recipient: recipient && (await readRecipient(recipient)),
    tls: {
      ...(client && {
        cert: await readPublicFile(client.certificateFile),
        key: await readSecretFile(client.privateKeyFile, 'the private key of the TLS client'),
      }),
      ...(caFile === undefined ? {} : { ca: await readPublicFile(caFile) }),
    },
  };
}

/** Lines `Name: value`, such as `Authorization: Basic …`. */
async function readHeaders(path: string): Promise<Record<string, string>> {
  const text = await readSecretFile(path, 'the headers for the key service');
  const headers: Record<string, string> = {};
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = HEADER.exec(line) ?? [];
    if (name === '' || OWN_HEADERS.has(name.toLowerCase()))
      throw badConfig(`line ${i + 1} of ${path} is no header that can be sent; write \`Authorization: …\``);
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

async function readRecipient(files: { certificateFile: string; privateKeyFile: string }): Promise<Recipient> {
  const { certificateFile, privateKeyFile } = files;
  const pem = await readPublicFile(certificateFile);
  const secret = await readSecretFile(privateKeyFile, 'the private key for content keys');
  const certificate = attempt(() => new X509Certificate(pem), `${certificateFile} is no X.509 certificate`);
  const privateKey = attempt(
    () => createPrivateKey(secret),
    `${privateKeyFile} is no private key without a password`,
  );
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_RSA_BITS)
    throw badConfig(
      `the certificate in ${certificateFile} is none of an RSA key of ${LEAST_RSA_BITS} bits or more`,
    );
  if (!certificate.checkPrivateKey(privateKey))
    throw badConfig(`${privateKeyFile} is not the key of the certificate in ${certificateFile}`);
  return { certificate, privateKey };
}

function attempt<T>(make: () => T, otherwise: string): T {
  try {
    return make();
  } catch {
    throw badConfig(otherwise); // what OpenSSL says helps nobody, and may quote the file
  }
}

async function readPublicFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw badConfig(`cannot read ${path}: ${(error as Error).message}`);
  }
}

function badConfig(why: string): HullcastError {
  return badUsage('KEY_SERVICE_CONFIG', why, 'The variables and files of a key service are in docs/keys.md.');
}
