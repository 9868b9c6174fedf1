import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icons.js';

const KEY = 'hullcast.theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

function savedTheme(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
}

/** Draws the page in the colours that were chosen before; the system's where none were. */
export function applyTheme(theme: Theme = savedTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Goes from the system's colours to light, to dark and back. */
export function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(savedTheme);
  const turn = (): void => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
    localStorage.setItem(KEY, next);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" class="quiet" onClick={turn} title="Colours: system, light or dark">
      <Icon name="theme" />
      <span class="visually-hidden">Colours: </span>
      {theme}
    </button>
  );
}
