import { readCertificate } from './certificate.js';
import { readPlainFile, readSecretFile } from './files.js';
import { DEFAULT_POLICY, type LicensePolicy, parsePolicy } from './policy.js';
import { type TokenKeys, parsePublicKeys, parseTokenSecrets, tokenKeys } from './token-keys.js';
import { type Upstreams, parseUpstreams } from './upstreams.js';

export interface LicenseSettings {
  /** Undefined where no file of keys is named: then nobody can have a token, and there are no licences. */
  tokenKeys: TokenKeys | undefined;
  policy: LicensePolicy;
  upstreams: Upstreams;
  fairplayCertificate: Uint8Array | undefined;
}

/** Who signs licence tokens: HULLCAST_LICENSE_SECRET_FILE and HULLCAST_LICENSE_PUBLIC_KEYS_FILE. Throws LICENSE_CONFIG. */
async function readTokenKeys(env: NodeJS.ProcessEnv): Promise<TokenKeys | undefined> {
  const secretFile = env['HULLCAST_LICENSE_SECRET_FILE'];
  const publicFile = env['HULLCAST_LICENSE_PUBLIC_KEYS_FILE'];
  if (!secretFile && !publicFile) return undefined;
  return tokenKeys(
    secretFile ? parseTokenSecrets(await readSecretFile(secretFile), secretFile) : [],
    publicFile ? await parsePublicKeys(await readPlainFile(publicFile), publicFile) : undefined,
  );
}

/** Reads the files that HULLCAST_LICENSE_… name. Throws LICENSE_CONFIG. */
export async function licenseSettings(env: NodeJS.ProcessEnv): Promise<LicenseSettings> {
  const policyFile = env['HULLCAST_LICENSE_POLICY_FILE'];
  const upstreamsFile = env['HULLCAST_LICENSE_UPSTREAMS_FILE'];
  const upstreams = upstreamsFile ? parseUpstreams(await readSecretFile(upstreamsFile), upstreamsFile) : {};
  return {
    tokenKeys: await readTokenKeys(env),
    policy: policyFile ? parsePolicy(await readPlainFile(policyFile), policyFile) : DEFAULT_POLICY,
    upstreams,
    fairplayCertificate: await readCertificate(upstreams),
  };
}
