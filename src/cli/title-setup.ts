import { type Codec, profileOf } from '../encode/index.js';
import { HullcastError } from '../errors.js';
import { type Tools, encodersOf, findTools } from '../media/index.js';
import { openKeyService } from '../keys/index.js';
import { AUDIO_CODECS } from '../package/index.js';
import type { DeliveryOptions, DrmOptions, TitleFiles, TitleOptions, TitleSetting } from '../title/index.js';
import { type Config, memoryOf, slotsOf, subsampleOf } from './config.js';
import { originsOf } from './config/delivery-sections.js';
import { deviceClasses } from './config/device-classes.js';
import { givenMarkers } from './config/marker-entries.js';
import { audioTrackOf } from './config/audio-tracks.js';
import { captionLanguages, resolveTextFiles, textFileOf } from './config/text-files.js';
import type { CommandContext } from './context.js';
import { type Display, createDisplay } from './display.js';
import { ladderLimits } from './ladder-options.js';
import { HULLCAST_VERSION } from './version.js';

/** What of the configuration decides a title. */
export function titleOptions(config: Config): TitleOptions {
  const { encode, chunk, score, audio, text, drm, images, watermark, ingest } = config;
  const { maxBitrate, ...limits } = ladderLimits(encode);
  const protection = drmOptions(drm);
  return {
    codecs: encode.codecs.map((codec) => ({ codec, preset: presetOf(codec, encode) })),
    speed: encode.speed,
    tune: encode.tune,
    allocate: encode.allocate,
    segmentSeconds: encode.segmentSeconds,
    maxChunkSeconds: chunk.maxSeconds,
    ...limits,
    ladder: {
      topVmaf: encode.targetVmaf,
      bottomVmaf: encode.minVmaf,
      stepVmaf: encode.stepVmaf,
      stepRatio: encode.stepRatio,
      peakRatio: encode.peakRatio,
      floorDrop: encode.floorDrop,
      ...(maxBitrate === undefined ? {} : { maxBitrate }),
    },
    subsample: subsampleOf(score),
    neg: score.neg,
    ...(audio.normaliseLufs === undefined ? {} : { normaliseLufs: audio.normaliseLufs }),
    audio: {
      codecs: audio.codecs,
      passthrough: audio.passthrough === 'auto',
      ...(audio.tracks ? { tracks: audio.tracks.map(audioTrackOf) } : {}),
    },
    ...(protection ? { drm: protection } : {}),
    text: {
      embedded: text.embedded,
      ...(text.captionLanguages ? { captionLanguages: captionLanguages(text.captionLanguages) } : {}),
    },
    ...imageOptions(images),
    delivery: deliveryOptions(config),
    ...(watermark.enabled
      ? { watermark: { sessionBits: watermark.sessionBits, fromHeight: watermark.fromHeight } }
      : {}),
    limits: ingest,
  };
}

function deliveryOptions({ devices, markers, delivery }: Config): DeliveryOptions {
  const names = devices.names === 'none' ? [] : devices.names;
  return {
    classes: deviceClasses(names, devices.classes ?? []),
    markers: {
      detect: markers.detect === 'auto',
      minConfidence: markers.minConfidence,
      given: givenMarkers(markers.list ?? []),
    },
    origins: originsOf(delivery),
    ...(delivery.steeringUrl === undefined ? {} : { steeringUrl: delivery.steeringUrl }),
  };
}

/** Undefined where a title is not to be encrypted. Licence URLs of systems that it is not for are left out. */
function drmOptions(drm: Config['drm']): DrmOptions | undefined {
  const { systems, scheme, keys, clearLeadSeconds, keyPeriodSeconds, contentId } = drm;
  if (!systems) return undefined;
  const urls = systems.flatMap((system) => {
    const url = drm[`${system}Url`];
    return url === undefined ? [] : [[system, url] as const];
  });
  return {
    ...{ systems, scheme, keys, clearLeadSeconds },
    ...(keyPeriodSeconds === undefined ? {} : { keyPeriodSeconds }),
    ...(contentId === undefined ? {} : { contentId }),
    ...(urls.length === 0 ? {} : { licenseUrls: Object.fromEntries(urls) }),
  };
}

/** A master and the texts that the configuration names. */
export function titleFiles(master: string, { text }: Config): TitleFiles {
  const entries = resolveTextFiles(text.files ?? [], '.');
  return { master, texts: entries.map(textFileOf) };
}

function imageOptions({ enabled, thumbnails, posters }: Config['images']): Pick<TitleOptions, 'images'> {
  if (!enabled) return {};
  const thumbnailMs = thumbnails === 'off' ? {} : { thumbnailMs: Math.round(1000 * thumbnails) };
  return { images: { posters, ...thumbnailMs } };
}

function presetOf(codec: Codec, encode: Config['encode']): string {
  const { preset, hevcPreset, av1Preset, vp9Preset } = encode;
  const presets = {
    h264: preset,
    hevc: hevcPreset ?? preset,
    av1: String(av1Preset),
    vp9: String(vp9Preset),
  };
  return presets[codec];
}

/** Runs work on a title with a display of its stages, which is closed before anything else is printed. */
export async function withDisplay<T>(
  context: CommandContext,
  config: Config,
  work: (setting: TitleSetting) => Promise<T>,
): Promise<T> {
  const tools = await findTools(context.run, context.env);
  await requireEncoders(context, tools, config);
  const slots = slotsOf(config.workers);
  const memory = memoryOf(config.workers);
  const display: Display = createDisplay(context);
  try {
    return await work({
      tools,
      // Only where there is something to encrypt: a key service that is set up wrongly fails no other title.
      ...(config.drm.systems
        ? { keys: (store) => openKeyService(context.env, { store, home: config.home }) }
        : {}),
      home: config.home,
      ...(slots === undefined ? {} : { slots }),
      ...(memory === undefined ? {} : { memory }),
      log: context.log,
      signal: context.signal,
      onEvent: (event) => display.event(event),
      hullcastVersion: HULLCAST_VERSION,
    });
  } finally {
    display.close();
  }
}

/** Throws ENCODER_MISSING where this ffmpeg cannot encode one of the codecs. */
async function requireEncoders(
  context: CommandContext,
  { ffmpeg }: Tools,
  { encode, audio }: Config,
): Promise<void> {
  const encoders = await encodersOf(context.run, ffmpeg.path);
  const wanted = [
    ...encode.codecs.map((codec) => ['--codecs', profileOf(codec).encoder] as const),
    ...audio.codecs.map((codec) => ['--audio-codecs', AUDIO_CODECS[codec].encoder] as const),
  ];
  const missing = wanted.filter(([, name]) => !encoders.has(name));
  const [first] = missing;
  if (!first) return;
  const names = missing.map(([, name]) => name).join(', ');
  throw new HullcastError('ENCODER_MISSING', `${ffmpeg.path} has no ${names}`, {
    hint: `Leave that codec out of ${first[0]}, or use an ffmpeg that has it: see \`hullcast doctor\`.`,
  });
}
