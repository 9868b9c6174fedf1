import { CODEC_CHOICE, CODEC_TABLE } from './codecs.js';
import { LICENSES } from './licenses.js';
import { MATCH_RUNGS } from './match.js';
import { SCRUBBER } from './scrubber.js';
import { SHAKA_SETTINGS } from './shaka-settings.js';
import { SKIP } from './skip.js';

/** Reads the page's configuration, its elements and the report; small helpers. */
const SETUP = `
const config = JSON.parse(document.getElementById('config').textContent);
const element = (id) => document.getElementById(id);
const video = element('video');
const quality = element('quality');
const audio = element('audio');
const text = element('text');
let report = null;
let player = null;
let rungs = new Map();

const kbit = (bitsPerSecond) => {
  const value = bitsPerSecond / 1000;
  return value.toFixed(value < 100 ? 1 : 0).replace(/\\B(?=(\\d{3})+$)/g, ',');
};
const show = (id, text) => {
  const field = element(id);
  if (field.textContent !== text) field.textContent = text;
};
const option = (value, text) => {
  const item = document.createElement('option');
  item.value = value;
  item.textContent = text;
  return item;
};
function fail(error) {
  const code = error && error.code !== undefined ? 'Shaka Player error ' + error.code : '';
  const box = element('error');
  box.textContent = [code, error && error.message ? error.message : String(error)].filter(Boolean).join(': ');
  box.hidden = false;
}
`;

/** Tracks, selectors and the table of rungs. */
const TRACKS = `
const variants = () => player.getVariantTracks();
const active = () => variants().find((track) => track.active);

/** One track for every video stream, the best first, whatever audio goes with it. */
function videos() {
  const seen = new Map();
  for (const track of variants()) if (!seen.has(track.videoId)) seen.set(track.videoId, track);
  return [...seen.values()].sort((a, b) => b.height - a.height || b.bandwidth - a.bandwidth);
}

function nameOf(track) {
  const rung = rungs.get(track.videoId);
  const size = track.width + '×' + track.height;
  if (!rung) return size + ', ' + kbit(track.videoBandwidth || track.bandwidth) + ' kbit/s';
  return rung.id + ': ' + size + ', ' + kbit(rung.averageBitrate) + ' kbit/s, VMAF ' + rung.vmaf.mean.toFixed(1);
}

function selectQuality(value) {
  quality.value = value;
  player.configure('abr.enabled', value === 'auto');
  if (value !== 'auto') {
    const now = active();
    const same = variants().filter((track) => String(track.videoId) === value);
    const track = same.find((candidate) => now && candidate.audioId === now.audioId) || same[0];
    if (track) player.selectVariantTrack(track, true);
  }
  update();
}

function audioKey(track) {
  return [track.language, track.label, track.channelsCount, track.codecs, track.roles.join()].join('|');
}

function fillAudio() {
  const tracks = player.getAudioTracks();
  audio.replaceChildren(
    ...tracks.map((track, i) => {
      const language = track.language === 'und' ? 'Track ' + (i + 1) : track.language;
      const channels = track.channelsCount ? track.channelsCount + ' channels' : '';
      const item = option(audioKey(track), [track.label || language, channels].filter(Boolean).join(', '));
      item.selected = track.active;
      return item;
    }),
  );
  element('audio-field').hidden = tracks.length === 0;
}

/** Text is off until somebody chooses it, unless the title says otherwise. */
function fillText() {
  const tracks = player.getTextTracks();
  text.replaceChildren(
    option('', 'Off'),
    ...tracks.map((track) => {
      const item = option(String(track.id), track.label || track.language);
      item.selected = track.active;
      return item;
    }),
  );
  element('text-field').hidden = tracks.length === 0;
}

function fillTracks() {
  rungs = report ? matchRungs(variants(), report.renditions) : new Map();
  const chosen = quality.value || 'auto';
  const list = videos();
  quality.replaceChildren(option('auto', 'Automatic'), ...list.map((track) => option(String(track.videoId), nameOf(track))));
  quality.value = list.some((track) => String(track.videoId) === chosen) ? chosen : 'auto';
  fillAudio();
  fillText();
  element('rungs').replaceChildren(...list.map(row));
  element('vmaf-head').hidden = rungs.size === 0;
}

function row(track) {
  const line = document.createElement('tr');
  line.dataset.video = String(track.videoId);
  const rung = rungs.get(track.videoId);
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = rung ? rung.id : String(track.videoId);
  button.addEventListener('click', () => selectQuality(String(track.videoId)));
  const head = document.createElement('th');
  head.scope = 'row';
  head.append(button);
  const cells = [
    track.width + '×' + track.height,
    kbit(rung ? rung.averageBitrate : track.videoBandwidth || track.bandwidth),
    ...(rungs.size > 0 ? [rung ? rung.vmaf.mean.toFixed(2) : ''] : []),
  ].map((text) => {
    const cell = document.createElement('td');
    cell.textContent = text;
    return cell;
  });
  line.append(head, ...cells);
  return line;
}
`;

/** What is shown while it plays. */
const STATUS = `
function shotNow() {
  if (!report) return null;
  const [num, den] = report.title.fps.split('/').map(Number);
  const frame = Math.floor((video.currentTime * num) / den + 1e-6);
  return report.shots.find((shot) => frame >= shot.startFrame && frame < shot.endFrame) || null;
}

function bufferedAhead() {
  for (let i = 0; i < video.buffered.length; i++) {
    if (video.buffered.start(i) <= video.currentTime + 0.1 && video.buffered.end(i) >= video.currentTime) {
      return video.buffered.end(i) - video.currentTime;
    }
  }
  return 0;
}

function update() {
  const track = player && active();
  if (!track) return;
  const rung = rungs.get(track.videoId);
  const stats = player.getStats();
  show('now-rendition', rung ? rung.id : track.width + '×' + track.height);
  show('now-size', track.width + '×' + track.height);
  show('now-rate', kbit(rung ? rung.averageBitrate : track.videoBandwidth || track.bandwidth) + ' kbit/s');
  show('now-vmaf', rung ? rung.vmaf.mean.toFixed(2) : '–');
  const shot = shotNow();
  const chunk = shot && rung ? rung.chunks.find((candidate) => candidate.shot === shot.index) : null;
  show('now-shot', shot ? shot.index + (chunk ? ': VMAF ' + chunk.vmaf.mean.toFixed(1) + ', crf ' + chunk.crf : '') : '–');
  show('now-picture', video.videoWidth ? video.videoWidth + '×' + video.videoHeight : '–');
  show('now-buffered', bufferedAhead().toFixed(1) + ' s');
  const frames = video.getVideoPlaybackQuality();
  show('now-dropped', frames.droppedVideoFrames + ' of ' + frames.totalVideoFrames);
  show('now-bandwidth', stats.estimatedBandwidth ? kbit(stats.estimatedBandwidth) + ' kbit/s' : '–');
  for (const line of element('rungs').children) {
    const current = line.dataset.video === String(track.videoId);
    if (current) line.setAttribute('aria-current', 'true');
    else line.removeAttribute('aria-current');
  }
}
`;

/** Loading, switching of manifests, start. */
const START = `
/** Each switch waits for the one before, so that two quick clicks cannot load two manifests at once. */
let loading = Promise.resolve();
/** Where the pictures that are being loaded begin, seconds: Shaka Player goes there when their sizes are known, after load(). */
let place = null;
video.addEventListener('loadedmetadata', () => { place = null; });
function load(kind) {
  loading = loading.then(async () => {
    const at = place ?? video.currentTime;
    place = at;
    const playing = !video.paused && !video.ended;
    element('error').hidden = true;
    try {
      player.configure('abr.enabled', true);
      quality.value = 'auto';
      await player.load(config.manifests[kind], at > 0 ? at : null);
      // Shaka Player shows text by itself only where the viewer's languages are known.
      const texts = player.getTextTracks();
      const shown = texts.find((track) => track.active) || texts.find((track) => track.primary);
      // By HLS it never shows text that is first chosen when all is buffered: so one is chosen now, and taken back.
      if (!shown && texts[0]) player.selectTextTrack(texts[0]);
      player.selectTextTrack(shown || null);
      fillTracks();
      fillScrubber();
      update();
      document.body.dataset.loaded = kind;
      if (playing) await video.play();
    } catch (error) {
      fail(error);
    }
  });
  return loading;
}

async function start() {
  shaka.polyfill.installAll();
  if (!shaka.Player.isBrowserSupported()) throw new Error('This browser cannot play with Media Source Extensions.');
  if (config.report) {
    const response = await fetch(config.report);
    if (response.ok) report = await response.json();
  }
  await loadMarkers();
  useSkip();
  player = new shaka.Player();
  player.configure(${JSON.stringify(SHAKA_SETTINGS)});
  // For tests and for curious people in the browser's console: the shaka.Player of the page.
  window.hullcastPlayer = player;
  await player.attach(video);
  startScrubber();
  if (config.license) useLicenses();
  fillCodecs();
  player.addEventListener('error', (event) => fail(event.detail));
  player.addEventListener('trackschanged', fillTracks);
  for (const name of ['adaptation', 'variantchanged', 'audiotrackchanged']) {
    player.addEventListener(name, () => { fillAudio(); update(); });
  }
  player.addEventListener('textchanged', fillText);
  quality.addEventListener('change', () => selectQuality(quality.value));
  audio.addEventListener('change', () => {
    const track = player.getAudioTracks().find((candidate) => audioKey(candidate) === audio.value);
    if (track) player.selectAudioTrack(track);
  });
  text.addEventListener('change', () => {
    player.selectTextTrack(player.getTextTracks().find((track) => String(track.id) === text.value) || null);
  });
  const kind = () => document.querySelector('input[name="manifest"]:checked').value;
  element('codec').addEventListener('change', () => {
    preferCodec(element('codec').value);
    void load(kind());
  });
  for (const radio of document.querySelectorAll('input[name="manifest"]')) {
    radio.addEventListener('change', () => { void load(radio.value); });
  }
  setInterval(update, 500);
  await load(kind());
}
start().catch(fail);
`;

/** Script of the player page; needs Shaka Player's global `shaka`. */
export const PLAYER_SCRIPT = `'use strict';\n(() => {\n${CODEC_TABLE}${MATCH_RUNGS}${SETUP}${LICENSES}${CODEC_CHOICE}${TRACKS}${SKIP}${STATUS}${SCRUBBER}${START}})();\n`;
