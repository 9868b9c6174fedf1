import { relative } from 'node:path';
import { EXIT, HullcastError } from '../errors.js';
import { commandLine } from '../media/index.js';
import { type Report, plural } from '../report/index.js';
import { type EncodedTitle, encodeTitle } from '../title/index.js';
import { addConfigOptions, loadConfig } from './config.js';
import type { Register } from './context.js';
import { teach } from './help.js';
import { rungLine } from './rung-line.js';
import { titleFiles, titleOptions, withDisplay } from './title-setup.js';

export const registerEncode: Register = (program, host) => {
  const command = program
    .command('encode')
    .summary('make a streaming title of a master')
    .argument('<master>', 'video file to make a title of')
    .description(
      'Makes a streaming title of a master: finds its shots, searches the convex hull of bit rate and VMAF for a ' +
        'ladder, encodes every shot of every rung at equal slope, packages CMAF segments with HLS and DASH manifests, ' +
        'and checks what will ship. The folder then holds master.m3u8, manifest.mpd, the segments, report.json and ' +
        'report.html. Interrupted, the same command continues; repeated, it encodes nothing.',
    )
    .requiredOption(
      '--out <folder>',
      'folder for the title: new, empty, or an earlier title, which is replaced',
    )
    .action(
      host.action(async (context, [master = ''], flags) => {
        const config = await loadConfig(context, flags);
        const out = String(flags['out']);
        const title = await withDisplay(context, config, (setting) =>
          encodeTitle(titleFiles(master, config), out, titleOptions(config), setting),
        );
        if (context.json) context.out.json(resultLine(title));
        else context.out.result(summary(title, relative(context.cwd, title.out) || '.'));
        if (config.encode.strict) refuseMissedFloors(title.report);
      }),
    );
  addConfigOptions(command);
  teach(
    command,
    [
      { command: 'hullcast encode master.mov --out title', does: 'everything at its default' },
      { command: 'hullcast encode master.mov --out title --preset slow', does: 'smaller files, more CPU' },
      { command: 'hullcast encode clip.mp4 --out clip --speed draft --json', does: 'quick, for a CI job' },
      { command: 'hullcast encode master.mov --out title --max-height 720', does: 'no rung above 720p' },
      { command: 'hullcast encode master.mov --out title --codecs h264,av1', does: 'a ladder in each codec' },
      {
        command: 'hullcast encode master.mov --out title --drm widevine,playready,fairplay',
        does: 'encrypted, with the keys of a key service (docs/packaging.md)',
      },
      {
        command: 'hullcast encode master.mov --out title --text fr.srt:lang=fr --text en.vtt:lang=en,sdh',
        does: 'with subtitles, and captions for people who do not hear well',
      },
      {
        command: 'hullcast encode master.mov --out title --devices tv-4k,web --marker intro:30-75',
        does: 'manifests for two classes of devices, and an intro that viewers can skip (docs/delivery.md)',
      },
    ],
    [0, 1, 2, 3, 4, 130],
  );
};

/** The last JSON line of a title that was made (docs/json-lines.md). */
function resultLine({ report, out }: EncodedTitle): object {
  return {
    type: 'result',
    out,
    report: 'report.json',
    manifests: ['manifest.mpd', 'master.m3u8'],
    renditions: report.renditions.map(({ id, codec, width, height, averageBitrate, peakBitrate, vmaf }) => ({
      ...{ id, codec, width, height, averageBitrate, peakBitrate },
      vmaf: vmaf.mean,
    })),
    ...(report.texts
      ? { texts: report.texts.map(({ id, language, name, kind }) => ({ id, language, name, kind })) }
      : {}),
    ...(report.delivery?.devices.length
      ? { devices: report.delivery.devices.map(({ name, hls, dash }) => ({ name, hls, dash })) }
      : {}),
    cost: report.cost,
  };
}

/** What people want to know at the end: the ladder, what it cost, where to look. */
function summary({ report }: EncodedTitle, folder: string): string {
  const { cost, renditions, master } = report;
  const rungs = renditions.map((rung) => rungLine({ ...rung, vmaf: rung.vmaf.mean }));
  const cpu = Object.values(cost.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0);
  const notable = master.findings.filter(({ severity }) => severity !== 'info').length;
  const findings = notable > 0 ? [`${plural(notable, 'finding')} about the master: see the report`] : [];
  return [
    `${report.title.name}: ${plural(renditions.length, 'rung')}`,
    ...rungs,
    `${cost.encodes} encodes, ${cost.cacheHits} results from earlier, ${cpu.toFixed(0)} CPU s, ${cost.wallSeconds.toFixed(0)} s`,
    ...(report.texts ? [`Text: ${report.texts.map(({ name }) => name).join(', ')}`] : []),
    ...findings,
    ...protectionLine(report),
    ...deliveryLines(report),
    '',
    `Report    ${folder}/report.html`,
    `Manifests ${folder}/master.m3u8 (HLS), ${folder}/manifest.mpd (DASH)`,
    `Watch     ${commandLine('npx', ['hullcast', 'play', folder])}`,
  ].join('\n');
}

function deliveryLines({ delivery }: Report): string[] {
  if (!delivery) return [];
  const { devices, markers } = delivery;
  const kinds = markers.map(({ kind, source }) => (source === 'detected' ? `${kind} (a guess)` : kind));
  return [
    ...(devices.length > 0 ? [`Manifests of their own: ${devices.map(({ name }) => name).join(', ')}`] : []),
    ...(kinds.length > 0 ? [`Markers: ${kinds.join(', ')}; see markers.json`] : []),
  ];
}

function protectionLine({ protection }: Report): string[] {
  if (!protection) return [];
  const { scheme, systems, keys, keyService } = protection;
  const count = keys.length === 1 ? '1 key' : `${keys.length} keys`;
  return [`Encrypted with ${scheme} for ${systems.join(', ')}: ${count} of ${keyService}`];
}

function refuseMissedFloors(report: Report): void {
  const missed = report.master.findings.filter(({ code }) => code === 'quality-floor-missed');
  if (missed.length === 0) return;
  const list = missed.map(({ message }) => `\n  ${message}`).join('');
  throw new HullcastError('FLOOR_MISSED', `${missed.length} chunks miss their quality floor:${list}`, {
    exitCode: EXIT.floorMissed,
    hint: 'The title was written. Raise --floor-drop, or lower --min-vmaf less far below what the content can reach.',
  });
}
