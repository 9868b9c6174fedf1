import type { ProtectionScheme } from '../../keys/index.js';

/** METHOD of a scheme in playlists (draft-pantos-hls-rfc8216bis, 4.4.4.4). */
export function hlsMethod(scheme: ProtectionScheme): 'SAMPLE-AES' | 'SAMPLE-AES-CTR' {
  return scheme === 'cbcs' ? 'SAMPLE-AES' : 'SAMPLE-AES-CTR';
}
