import { render } from 'preact';
import { App } from './app.js';
import { applyTheme } from './parts/theme.js';
import './style/index.css';

applyTheme();
render(<App />, document.getElementById('app')!);
