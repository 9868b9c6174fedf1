/**
 * Browser code that finds the rung of every video track, as text because the page's scripts are served as they are;
 * test/web/match.unit.test.ts runs it. Needs CODEC_TABLE. Tracks are Shaka's variant tracks, renditions those of
 * report.json.
 *
 * Gives a Map from videoId to rendition. A track whose id in the manifest is a rung's id is that rung. The others are
 * matched within their resolution and codec by rank of their bit rate, where there are as many tracks as rungs: HLS
 * counts audio into the rate, which moves all by the same amount, so ranks hold where numbers do not.
 */
export const MATCH_RUNGS = `
const codecOf = (track) => {
  const text = track.videoCodec || track.codecs || '';
  return Object.keys(CODECS).find((codec) => text.startsWith(CODECS[codec].prefix));
};
function matchRungs(tracks, renditions) {
  const videos = new Map();
  for (const track of tracks) {
    const known = videos.get(track.videoId);
    // With several audio tracks a video comes several times: its cheapest pairing stands for it.
    if (!known || track.bandwidth < known.bandwidth) videos.set(track.videoId, track);
  }
  const matched = new Map();
  const rest = [];
  for (const track of videos.values()) {
    const named = renditions.find((rendition) => rendition.id === track.originalVideoId);
    if (named) matched.set(track.videoId, named);
    else rest.push(track);
  }
  const taken = new Set(matched.values());
  const kind = (item, codec) => item.width + 'x' + item.height + ' ' + codec;
  const kindOf = (track) => kind(track, codecOf(track));
  for (const key of new Set(rest.map(kindOf))) {
    const same = rest.filter((track) => kindOf(track) === key).sort((a, b) => a.bandwidth - b.bandwidth);
    const rungs = renditions
      .filter((rendition) => kind(rendition, rendition.codec) === key && !taken.has(rendition))
      .sort((a, b) => a.averageBitrate - b.averageBitrate);
    if (same.length === rungs.length) same.forEach((track, i) => matched.set(track.videoId, rungs[i]));
  }
  return matched;
}
`;
