import { z } from 'zod';
import { timecode } from './format.js';
import { type Markup, html } from './markup.js';
import { table } from './table.js';

const ids = (what: string) => z.array(z.string().min(1)).describe(what);

/** What the report says of manifests besides those for everybody, and of markers. */
export const deliverySchema = z.strictObject({
  devices: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe('Class of devices.'),
        hls: z.string().min(1).describe('Its master playlist, relative to the title.'),
        dash: z.string().min(1).describe('Its MPD.'),
        videos: ids('Renditions of pictures in it.'),
        audios: ids('Renditions of sound in it.'),
        texts: ids('Texts in it.'),
      }),
    )
    .describe('Classes of devices that have manifests of their own.'),
  markers: z
    .array(
      z.strictObject({
        id: z.string().min(1).describe('Name, unique in the title.'),
        kind: z.enum(['intro', 'recap', 'credits', 'adbreak']).describe('What it marks.'),
        startFrame: z.int().nonnegative().describe('First frame.'),
        endFrame: z.int().nonnegative().describe('Frame after the last one; of a point, its frame.'),
        source: z
          .enum(['manual', 'scte35', 'detected'])
          .describe('Who says so: people, the SCTE-35 messages of the master, or a guess.'),
        confidence: z
          .number()
          .min(0)
          .max(1)
          .describe('1, or of a guess how much speaks for it: a rank, no measured probability.'),
        evidence: z.array(z.string().min(1)).describe('What speaks for a guess.').exactOptional(),
        inManifests: z.boolean().describe('False where it is in markers.json only.'),
      }),
    )
    .describe('Parts of the title that players may act on.'),
  servers: z
    .array(z.string().min(1))
    .describe('Ids of the servers that manifests name, the first one first.'),
});

export type ReportDelivery = z.infer<typeof deliverySchema>;

/** Classes and markers as tables. */
export function deliveryFacts({ devices, markers }: ReportDelivery, fps: string): Markup {
  const text = (head: string) => ({ head, text: true });
  const classes = table(
    'Classes of devices',
    ['Class', 'HLS', 'DASH', 'Pictures', 'Sound', 'Text'].map(text),
    devices.map(({ name, hls, dash, videos, audios, texts }) => [
      ...[name, html`<code>${hls}</code>`, html`<code>${dash}</code>`],
      ...[videos.join(', '), audios.join(', '), texts.join(', ')],
    ]),
  );
  const marked = table(
    'Markers',
    [
      ...['Kind', 'Where', 'Says who', 'What was seen'].map(text),
      { head: 'Confidence' },
      text('In manifests'),
    ],
    markers.map(({ kind, startFrame, endFrame, source, evidence, confidence, inManifests }) => [
      kind,
      html`<span class="code">${timecode(startFrame, fps)} – ${timecode(endFrame, fps)}</span>`,
      ...[source, (evidence ?? []).join(', '), confidence.toFixed(2), inManifests ? 'yes' : 'no'],
    ]),
  );
  return html`${devices.length > 0 && classes} ${markers.length > 0 && marked}`;
}
