/** Offers to skip what markers of the title, those that are in its manifests, say can be skipped. */
export const SKIP = `
const SKIPPED = { intro: 'Skip intro', recap: 'Skip recap', credits: 'Skip credits' };
let parts = [];

async function loadMarkers() {
  if (!config.markers) return;
  const response = await fetch(config.markers);
  if (!response.ok) return;
  const file = await response.json();
  parts = file.markers.filter(({ kind, inManifests }) => inManifests && kind in SKIPPED);
}

const partNow = () =>
  parts.find(({ startSeconds, endSeconds }) => video.currentTime >= startSeconds && video.currentTime < endSeconds - 0.25);

function offerSkip() {
  const part = partNow();
  const button = element('skip');
  button.hidden = !part;
  if (part) show('skip', SKIPPED[part.kind]);
}

function useSkip() {
  element('skip').addEventListener('click', () => {
    const part = partNow();
    if (part) video.currentTime = part.endSeconds;
  });
  for (const name of ['timeupdate', 'seeked']) video.addEventListener(name, offerSkip);
}
`;
