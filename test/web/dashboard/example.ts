import type { ApiDelivery, ApiTitle, Overview, Progress } from '../../../src/services/api/index.js';
import { type Report, reportHtml } from '../../../src/report/index.js';
import { exampleReport } from '../../report/example.js';
import type { FakeApi } from './fake-api.js';

/** Milliseconds before now, as a time of the API. */
export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

export function titleOf(id: string, more: Partial<ApiTitle> = {}): ApiTitle {
  return {
    ...{ id, name: `${id}.mov`, state: 'queued', profile: 'default', priority: 5, attempt: 1 },
    ...{ createdAt: ago(600), updatedAt: ago(300), ...more },
  };
}

export function progressOf(titleId: string, encodesDone = 412): Progress {
  const done = (stage: string, jobs: number): Progress['stages'][number] => ({
    ...{ stage, jobs, done: jobs, active: 0, failed: 0 },
  });
  return {
    titleId,
    stages: [
      done('ingest', 1),
      done('chunk', 1),
      { stage: 'inspect', jobs: 1, done: 0, active: 1, failed: 0, work: { done: 3100, total: 7200 } },
      done('audio', 2),
      done('probe', 240),
      {
        stage: 'encode',
        jobs: 640,
        done: encodesDone,
        active: 8,
        failed: 1,
        work: { done: 812, total: 2304 },
      },
      { stage: 'assemble', jobs: 8, done: 0, active: 0, failed: 0 },
    ],
  };
}

export function resultOf(report: Report): NonNullable<ApiTitle['result']> {
  const cpuSeconds = Object.values(report.cost.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0);
  const { frames, fps, width, height } = report.title;
  return {
    ...{ frames, fps, width, height, findings: report.master.findings.length },
    renditions: report.renditions.map(({ id, codec, averageBitrate, peakBitrate, vmaf, ...rendition }) => ({
      ...{ id, codec, width: rendition.width, height: rendition.height },
      ...{ averageBitrate, peakBitrate, vmaf: vmaf.mean },
    })),
    cost: { ...report.cost, cpuSeconds },
    manifests: ['manifest.mpd', 'master.m3u8'],
  };
}

const COMMAND =
  'ffmpeg -nostdin -hide_banner -y -i shot-0031.mov -frames:v 96 -vf scale=1280:720:flags=lanczos -c:v libx264 ' +
  '-preset slow -crf 27 -x264-params keyint=48:min-keyint=48:scenecut=0:stitchable=1:threads=1 -fps_mode passthrough out.mp4';
const STDERR = `[libx264 @ 0x5581] using cpu capabilities: MMX2 SSE2Fast SSSE3 SSE4.2 AVX FMA3 BMI2 AVX2
[mov,mp4,m4a @ 0x5570] moov atom not found
shot-0031.mov: Invalid data found when processing input`;

function failures(titleId: string): Overview['failures'] {
  const failure = { title: titleId, stage: 'encode', code: 'TOOL_FAILED', willRetry: false };
  return [
    {
      ...failure,
      ...{ job: 'encode-5f0c2b7e', at: ago(250), message: 'ffmpeg ended with exit code 1' },
      ...{ command: COMMAND, stderr: STDERR },
    },
    {
      ...failure,
      ...{ job: 'probe-77aa01', stage: 'probe', at: ago(1200), code: 'STORE_UNREACHABLE', willRetry: true },
      message: 'the object store did not answer within 30 s',
    },
  ];
}

function worker(host: string, more: Partial<Overview['workers'][number]>): Overview['workers'][number] {
  return {
    ...{
      id: `${host}-4711`,
      host,
      pid: 4711,
      stages: ['probe', 'encode'],
      slots: 8,
      busy: 0,
      draining: false,
    },
    ...{ jobs: [], version: '0.1.0', lastSeenAt: ago(1), ...more },
  };
}

export function overviewOf(titles: readonly ApiTitle[], failedId: string): Overview {
  const counts: Record<string, number> = {};
  for (const { state } of titles) counts[state] = (counts[state] ?? 0) + 1;
  const running = titles.find(({ state }) => state === 'running')?.id ?? '';
  return {
    titles: counts,
    workers: [
      worker('encode-01', {
        busy: 8,
        jobs: [0, 1, 2].map((i) => ({
          title: running,
          stage: 'encode',
          job: `encode-${i}`,
          startedAt: ago(40 + 35 * i),
        })),
      }),
      worker('encode-02', {
        busy: 3,
        draining: true,
        jobs: [{ title: running, stage: 'probe', job: 'probe-1', startedAt: ago(75) }],
      }),
      worker('package-01', {
        slots: 2,
        stages: ['ingest', 'chunk', 'audio', 'assemble', 'package', 'verify', 'publish'],
      }),
      worker('spot-17', { busy: 1, lastSeenAt: ago(200), jobs: [] }),
    ],
    queues: [
      { stage: 'probe', waiting: 1204, active: 3, delayed: 0 },
      { stage: 'encode', waiting: 220, active: 8, delayed: 2 },
      { stage: 'assemble', waiting: 0, active: 0, delayed: 0 },
      { stage: 'package', waiting: 1, active: 1, delayed: 0 },
    ],
    failures: failures(failedId),
  };
}

export function deliveriesOf(): ApiDelivery[] {
  const delivery = { url: 'https://cms.example/hooks/encode', nextAttemptAt: ago(-60) };
  return [
    {
      ...delivery,
      ...{
        id: 11,
        eventId: 1,
        type: 'title.submitted',
        state: 'delivered',
        attempts: 1,
        lastStatus: 204,
        deliveredAt: ago(500),
      },
    },
    {
      ...delivery,
      ...{
        id: 12,
        eventId: 2,
        type: 'title.started',
        state: 'failed',
        attempts: 12,
        lastStatus: 503,
        lastError: 'the receiver answered 503 Service Unavailable',
      },
    },
    { ...delivery, ...{ id: 13, eventId: 3, type: 'title.published', state: 'pending', attempts: 0 } },
  ];
}

/** What a shop of some size looks like on an ordinary day. */
export function fill(api: FakeApi): Report {
  const report = exampleReport({ shots: 60, name: 'The Long Voyage' });
  const url = 'https://cms.example/hooks/encode';
  api.titles = [
    titleOf('t-new', {
      name: 'Evening News 2025-06-01.mxf',
      priority: 9,
      createdAt: ago(20),
      externalId: 'news-0601',
    }),
    titleOf('t-run', {
      name: 'Harbour Lights S01E04.mov',
      state: 'running',
      priority: 7,
      startedAt: ago(580),
      externalId: 'harbour-104',
      metadata: { season: '1', commissioned_by: 'Northern Pictures' },
    }),
    titleOf('t-run-2', {
      name: 'A documentary with a rather long name about the history of container shipping, final cut v7 (approved).mov',
      state: 'running',
      startedAt: ago(100),
      createdAt: ago(4000),
    }),
    titleOf('t-stop', {
      name: 'Wrong Master.mov',
      state: 'cancelling',
      startedAt: ago(300),
      createdAt: ago(5000),
    }),
    titleOf('t-fail', {
      ...{
        name: 'Broken Reel.mov',
        state: 'failed',
        attempt: 2,
        startedAt: ago(900),
        finishedAt: ago(240),
        createdAt: ago(7300),
      },
      error: {
        code: 'TOOL_FAILED',
        message: 'ffmpeg ended with exit code 1: shot-0031.mov: Invalid data found when processing input',
        hint: 'Look at the last lines of its output below; if the master is damaged, upload it again.',
      },
    }),
    titleOf('t-done', {
      ...{
        name: 'The Long Voyage.mov',
        state: 'done',
        priority: 3,
        startedAt: ago(9000),
        finishedAt: ago(6000),
        createdAt: ago(9100),
      },
      ...{ externalId: 'voyage', callbackUrl: url, result: resultOf(report) },
    }),
    titleOf('t-gone', {
      name: 'Trailer (old).mov',
      state: 'cancelled',
      createdAt: ago(4 * 86_400),
      finishedAt: ago(3 * 86_400),
    }),
  ];
  api.overview = overviewOf(api.titles, 't-fail');
  api.deliveries = { 't-done': deliveriesOf() };
  api.files = {
    't-done/report.json': { type: 'application/json', body: Buffer.from(JSON.stringify(report)) },
    't-done/report.html': { type: 'text/html; charset=utf-8', body: Buffer.from(reportHtml(report)) },
  };
  return report;
}
