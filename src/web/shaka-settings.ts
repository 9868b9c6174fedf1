/**
 * How pages configure Shaka Player 5.2. It fetches nothing ahead of what it is about to append: an initialisation segment that
 * was being fetched ahead when somebody seeks or changes the track is aborted, kept and taken for the answer from then on, so
 * that this track stands still and the page spins (shaka-player issue 10569, since 5.2.7's pull request 10428).
 */
export const SHAKA_SETTINGS = { streaming: { segmentPrefetchLimit: 0 } } as const;
