/**
 * Browser code that gets ClearKey licences, as text because the page's scripts are served as they are. Each licence is asked
 * for with a token of its own, which the page fetches from its server: tokens live for a minute, and open each key once.
 * Needs `config.license` (see PlayerConfig) and Shaka Player.
 */
export const LICENSES = `
const CLEARKEY = 'org.w3.clearkey';
async function licenseToken() {
  const answer = await fetch(config.license.tokens, { method: 'POST', cache: 'no-store' });
  if (!answer.ok) throw new Error('The server gives no licence token: ' + answer.status);
  return (await answer.json()).token;
}
function useLicenses() {
  const { url, device, instead } = config.license;
  const all = (value) => Object.fromEntries([CLEARKEY, ...instead].map((system) => [system, value]));
  // Shaka Player looks for servers by the name that a manifest has, before it takes another system instead.
  player.configure({ drm: { servers: all(url), keySystemsMapping: all(CLEARKEY) } });
  const { LICENSE } = shaka.net.NetworkingEngine.RequestType;
  player.getNetworkingEngine().registerRequestFilter(async (type, request) => {
    if (type !== LICENSE) return;
    request.headers['Authorization'] = 'Bearer ' + (await licenseToken());
    request.headers['X-License-Device'] = device;
  });
}
`;
