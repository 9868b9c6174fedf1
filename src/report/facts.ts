import { describeHdrMetadata } from '../ingest/index.js';
import { shippedAudioTable } from './audio-schema.js';
import { clock, fpsText, grouped, kilobits } from './format.js';
import { type Markup, type Part, html } from './markup.js';
import type { Report } from './schema.js';
import { table } from './table.js';

function facts(caption: string, items: readonly (readonly [string, Part])[]): Markup {
  return html`<h3>${caption}</h3>
    <dl class="facts">
      ${items.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`;
}

/** What the master is made of. */
export function masterFacts(report: Report): Markup {
  const { video, audio, text } = report.master;
  const colour = [video.colour.primaries, video.colour.transfer, video.colour.matrix].map(
    (name) => name ?? 'untagged',
  );
  return html`${facts('Video', [
    ['Container', report.master.container],
    ['Codec', [video.codec, video.profile].filter(Boolean).join(', ')],
    ['Picture', `${video.width}×${video.height}, ${video.pixelFormat}, ${video.bitDepth} bit`],
    ['Pixel aspect, rotation', `${video.sampleAspectRatio}, ${video.rotation}°`],
    [
      'Frames',
      `${fpsText(video.fps)}, ${video.variableFrameRate ? 'variable' : 'constant'}, ${video.fieldOrder}`,
    ],
    ['Colour', `${colour.join(' / ')}, ${video.colour.range === 'tv' ? 'limited' : 'full'} range`],
    ...(video.hdr ? [['HDR', describeHdrMetadata(video.hdr)] as const] : []),
    ['Bit rate', video.bitrate === undefined ? 'unknown' : `${kilobits(video.bitrate)} kbit/s`],
    ['SHA-256', html`<span class="hash">${report.master.sha256}</span>`],
  ])}
  ${
    audio.length === 0
      ? html`<p>The master has no audio.</p>`
      : table(
          'Audio',
          ['Track', 'Codec', 'Channels', 'Rate', 'Language', 'Title', 'Default', 'Duration', 'Offset'].map(
            (head) => ({ head, text: true }),
          ),
          audio.map((track) => [
            String(track.track),
            track.codec,
            `${track.channels} (${track.layout})`,
            `${grouped(track.sampleRate)} Hz`,
            track.language,
            track.title ?? '',
            track.default ? 'yes' : 'no',
            clock(track.durationSeconds),
            `${track.offsetSeconds.toFixed(3)} s`,
          ]),
        )
  }
  ${
    text.length > 0 &&
    table(
      'Text',
      ['Track', 'Codec', 'Language', 'Title'].map((head) => ({ head, text: true })),
      text.map((track) => [
        track.inPicture ? 'in the pictures' : String(track.track),
        track.codec,
        track.language,
        track.title ?? '',
      ]),
    )
  }
  ${report.audios && shippedAudioTable(report.audios)} ${report.texts && shippedTexts(report.texts)}`;
}

function shippedTexts(texts: NonNullable<Report['texts']>): Markup {
  return table(
    'Text that ships',
    ['Name', 'Language', 'For', 'Forced', 'Default', 'Cues'].map((head) => ({ head, text: true })),
    texts.map((track) => [
      track.name,
      track.language,
      track.kind === 'captions' ? 'people who do not hear well' : 'everybody',
      track.forced ? 'yes' : 'no',
      track.default ? 'yes' : 'no',
      grouped(track.cues),
    ]),
  );
}

export function toolFacts(report: Report): Markup {
  const { tools } = report;
  const models = [
    ...new Set(
      report.renditions.map(
        (r) => `${r.vmaf.model}, every ${r.vmaf.subsample === 1 ? 'frame' : `${r.vmaf.subsample}. frame`}`,
      ),
    ),
  ];
  return html`<dl class="facts">
    ${(['hullcast', 'ffmpeg', 'libvmaf', 'packager', 'node'] as const).map(
      (name) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${tools[name]}</dd>
        </div>`,
    )}
    <div>
      <dt>VMAF model</dt>
      <dd>${models.join('; ')}</dd>
    </div>
  </dl>`;
}
