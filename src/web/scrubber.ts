/** Markup of the scrubber, hidden where the title has no thumbnails. */
export const SCRUBBER_HTML = `<div class="scrub" id="scrub-field" hidden>
<div id="thumbnail" hidden><div id="thumbnail-picture"></div><span id="thumbnail-time"></span></div>
<input type="range" id="scrub" min="0" max="0" step="any" value="0" aria-label="Position">
</div>`;

/**
 * Browser code of the scrubber: a bar to seek by, which shows the thumbnail of the time under the pointer, or of its own
 * position where it is moved by keys. Thumbnails are those of the manifest that plays. As text because the page's scripts
 * are served as they are; needs `player`, `video`, `element` and `show`.
 */
export const SCRUBBER = `
const scrub = element('scrub');
let thumbnailAsked = 0;

const clock = (seconds) => {
  const whole = Math.floor(seconds);
  return Math.floor(whole / 60) + ':' + String(whole % 60).padStart(2, '0');
};

function hideThumbnail() {
  thumbnailAsked++;
  element('thumbnail').hidden = true;
}

/** Only the last that was asked for is shown, whichever comes first. */
async function showThumbnail(seconds) {
  const asked = ++thumbnailAsked;
  const found = await player.getThumbnails(null, seconds);
  if (asked !== thumbnailAsked) return;
  if (!found) return hideThumbnail();
  const picture = element('thumbnail-picture');
  picture.style.width = found.width + 'px';
  picture.style.height = found.height + 'px';
  picture.style.backgroundImage = 'url(' + JSON.stringify(found.uris[0]) + ')';
  picture.style.backgroundPosition = -found.positionX + 'px ' + -found.positionY + 'px';
  show('thumbnail-time', clock(seconds));
  const box = element('thumbnail');
  box.hidden = false;
  const room = scrub.clientWidth - box.offsetWidth;
  const left = (seconds / Number(scrub.max)) * scrub.clientWidth - box.offsetWidth / 2;
  box.style.left = Math.max(0, Math.min(room, left)) + 'px';
}

function fillScrubber() {
  hideThumbnail();
  element('scrub-field').hidden = player.getImageTracks().length === 0;
}

function startScrubber() {
  const follow = () => {
    scrub.max = String(video.duration || 0);
    scrub.value = String(video.currentTime);
    scrub.setAttribute('aria-valuetext', clock(video.currentTime));
  };
  for (const name of ['timeupdate', 'durationchange', 'seeking']) video.addEventListener(name, follow);
  const shown = (seconds) => showThumbnail(seconds).catch(fail);
  scrub.addEventListener('pointermove', (event) => {
    const box = scrub.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    // The last thumbnail's time ends with the title.
    void shown(Math.min(share * Number(scrub.max), Math.max(0, Number(scrub.max) - 0.001)));
  });
  scrub.addEventListener('input', () => {
    video.currentTime = Number(scrub.value);
    void shown(Number(scrub.value));
  });
  for (const name of ['pointerleave', 'blur']) scrub.addEventListener(name, hideThumbnail);
}
`;

export const SCRUBBER_STYLE = `.scrub{position:relative;margin-top:6px}
#scrub{display:block;width:100%;margin:0;accent-color:var(--accent)}
#thumbnail{position:absolute;bottom:100%;margin-bottom:4px;padding:4px;background:var(--card);border:1px solid var(--axis);border-radius:8px;text-align:center;pointer-events:none}
#thumbnail-picture{background-repeat:no-repeat;border-radius:5px;max-width:100%}
`;
