export { AUDIO_CODECS } from './audio/codecs.js';
export { readEac3Frame } from './audio/eac3-frame.js';
export { type AudioOptions, type AudioTrackSetting, type PlannedAudio, audioPlan } from './audio/plan.js';
export { languageTag } from './audio/language.js';
export { audioStage } from './audio/stage.js';
export { manualMarkers, titleMarkers } from './delivery/markers/merge.js';
export { LEAST_SECONDS as LEAST_MARKED_SECONDS } from './delivery/markers/detect.js';
export { markersStage } from './delivery/markers/stage.js';
export { MARKERS_FILE, deliverStage } from './delivery/stage.js';
export type * from './delivery/types.js';
export { type CutTitle, checkClearLead, protectionConflict } from './drm/check.js';
export { titleKeys } from './drm/labels.js';
export { checkKeyPeriods, keyPeriods, keyPeriodStarts } from './rotation/plan.js';
export { noKeyService } from './drm/protection.js';
export { type MadeText, type TextLabels, textTracks } from './text/plan.js';
export { defaultTrack, trackNames } from './packager/names.js';
export { packageStage } from './packager/stage.js';
export type * from './types.js';
export { FINDING_CODES, type FindingCode } from './verify/findings.js';
export { verifyStage } from './verify/stage.js';
export { thumbnailPlaylist } from './thumbnails/hls.js';
export { storyboard } from './thumbnails/storyboard.js';
export {
  IMAGE_FOLDER,
  STORYBOARD,
  THUMBNAIL_PLAYLIST,
  type ThumbnailTrack,
  sheetPath,
} from './thumbnails/track.js';
export { type VariantsParams, type VariantsResult, variantsStage } from './variants.js';
