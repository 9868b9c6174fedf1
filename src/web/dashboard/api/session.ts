const KEY = 'hullcast.token';

/** The token of this tab; undefined where nobody has signed in. It ends with the tab and is kept nowhere else. */
export function savedToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function saveToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}
