import { createApi } from './api/client.js';
import { asApiError } from './api/error.js';
import { savedToken } from './api/session.js';
import { applyTheme } from './parts/theme.js';
import { routeHref } from './route.js';
import './style/index.css';

/*
 * Shows a title's report.html: a page with scripts and styles of its own, which only a request with the token gets. It
 * runs in a frame without an origin, so that nothing in it, whatever a master's name may be, gets at the token; and in a
 * document of its own, so that only this document's policy need allow inline scripts.
 */
async function show(id: string): Promise<string> {
  const token = savedToken();
  if (token === undefined) return 'Sign in first: the report opens from its title.';
  try {
    const response = await createApi(token, () => undefined).file(id, 'report.html');
    const frame = document.createElement('iframe');
    frame.title = 'Report';
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.srcdoc = await response.text();
    document.querySelector('main')?.append(frame);
    return '';
  } catch (error) {
    return `The report could not be loaded. ${asApiError(error)?.message ?? ''}`;
  }
}

applyTheme();
const id = decodeURIComponent(location.hash.slice(1));
document.querySelector<HTMLAnchorElement>('#back')!.href = `/${routeHref({ page: 'title', id })}`;
void show(id).then((said) => {
  document.getElementById('said')!.textContent = said;
});
