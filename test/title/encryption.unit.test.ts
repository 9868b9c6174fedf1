import { describe, expect, it } from 'vitest';
import { mergeOptions } from '../../src/cli/config.js';
import { titleOptions } from '../../src/cli/title-setup.js';
import { keyIdOf } from '../../src/keys/index.js';
import type { TitleContext } from '../../src/pipeline/index.js';
import { checkLead, checkPeriodCount, encryptionOf } from '../../src/title/encryption.js';
import type { TitleResult } from '../../src/title/flow.js';
import { reportProtection } from '../../src/title/report-protection.js';
import { type DrmOptions, contentIdOf, submittedFlow } from '../../src/title/index.js';
import { audio, video } from '../package/drm/facts.js';

const DRM: DrmOptions = { systems: ['widevine'], scheme: 'cbcs', keys: 'tiers', clearLeadSeconds: 0 };
const FACTS = { masterSha256: 'ab'.repeat(32), keyService: 'built in' };
const TITLE = {
  videos: [video(), video({ id: 'v2', width: 1920, height: 1080 })],
  audios: [audio()],
  segmentSeconds: 4,
};

describe('the encryption of a title', () => {
  it('says all that decides its bytes but the keys: whose, of which title, for which renditions', () => {
    const contentId = contentIdOf(FACTS);
    expect(encryptionOf(DRM, FACTS, TITLE)).toEqual({
      encryption: {
        ...{ scheme: 'cbcs', contentId, keyService: 'built in', preset: 'tiers', clearLeadSeconds: 0 },
        keys: (['SD', 'HD', 'AUDIO'] as const).map((label) => ({ label, kid: keyIdOf(contentId, label, 0) })),
        systems: ['widevine'],
      },
    });
  });

  it('has keys of its own for every key period, which the key service is told of', () => {
    const contentId = contentIdOf(FACTS);
    const { encryption } = encryptionOf({ ...DRM, keyPeriodSeconds: 3 }, FACTS, TITLE);
    expect(encryption?.periodStarts).toEqual([0, 90, 144]);
    expect(encryption?.keys).toEqual(
      [0, 1, 2].flatMap((period) =>
        (['SD', 'HD', 'AUDIO'] as const).map((label) => ({
          label,
          period,
          kid: keyIdOf(contentId, label, period),
        })),
      ),
    );
    // A title that is too short for two is as one whose keys never change.
    expect(encryptionOf({ ...DRM, keyPeriodSeconds: 6 }, FACTS, TITLE)).toEqual(
      encryptionOf(DRM, FACTS, TITLE),
    );
  });

  it('depends on the length of segments where IVs count and something begins to be encrypted with a segment', () => {
    const said = (over: Partial<DrmOptions>): number | undefined =>
      encryptionOf({ ...DRM, ...over }, FACTS, TITLE).encryption?.segmentSeconds;
    const lead = { clearLeadSeconds: 2 };
    const periods = { keyPeriodSeconds: 3 };
    expect([{}, lead, periods].map((over) => said({ scheme: 'cenc', ...over }))).toEqual([undefined, 4, 4]);
    expect([{}, lead, periods].map(said)).toEqual([undefined, undefined, undefined]);
  });

  it('is refused where a title is too long for its key periods', () => {
    const day = { frames: 24 * 86_400, fps: { num: 24, den: 1 } };
    expect(() => checkPeriodCount({ ...DRM, keyPeriodSeconds: 600 }, day)).toThrow(
      expect.objectContaining({ code: 'DRM_KEY_PERIODS', exitCode: 2 }),
    );
    expect(() => checkPeriodCount({ ...DRM, keyPeriodSeconds: 3600 }, day)).not.toThrow();
    expect(() => checkPeriodCount(DRM, day)).not.toThrow();
  });

  it('is refused where all of a title would be clear, once its cuts are known', () => {
    const title = { segmentStarts: [0, 48, 90], frames: 132, fps: { num: 24, den: 1 } };
    const lead = (clearLeadSeconds: number, sound = false) =>
      expect(() => checkLead({ ...DRM, clearLeadSeconds }, { ...title, segmentSeconds: 2, sound }));
    lead(3.75).not.toThrow();
    lead(3.76).toThrow(expect.objectContaining({ code: 'DRM_CLEAR_LEAD', exitCode: 2 }));
    lead(4, true).toThrow(expect.objectContaining({ code: 'DRM_CLEAR_LEAD' }));
    expect(() =>
      checkLead(
        { ...DRM, keyPeriodSeconds: 2, clearLeadSeconds: 1 },
        { ...title, segmentSeconds: 2, sound: false },
      ),
    ).toThrow(expect.objectContaining({ code: 'DRM_CLEAR_LEAD' }));
    expect(() => checkLead(undefined, { ...title, segmentSeconds: 2, sound: true })).not.toThrow();
  });

  it('is in the report by key period', () => {
    const { encryption } = encryptionOf({ ...DRM, keyPeriodSeconds: 4 }, FACTS, TITLE);
    const [, , , second] = encryption!.keys;
    const packaged = {
      protection: [{ id: 'v1', label: 'SD' as const, kid: second!.kid, iv: '', period: 1 }],
    };
    const result = { encryption, packaged, renditions: [video()] } as unknown as TitleResult;
    const said = reportProtection(result);
    expect(said?.keyPeriods).toEqual([
      { startFrame: 0, startSeconds: 0 },
      { startFrame: 144, startSeconds: 6 },
    ]);
    expect(said?.keys.map(({ label, period, renditions }) => [label, period, renditions])).toEqual([
      ...[
        ['SD', 0, []],
        ['HD', 0, []],
        ['AUDIO', 0, []],
      ],
      ...[
        ['SD', 1, ['v1']],
        ['HD', 1, []],
        ['AUDIO', 1, []],
      ],
    ]);
  });

  it('is of the content id that is given, else of the master and the external id', () => {
    const of = (drm: DrmOptions, externalId?: string): string | undefined =>
      encryptionOf(drm, { ...FACTS, externalId }, TITLE).encryption?.contentId;
    expect(of({ ...DRM, contentId: 'film-7' }, 'a')).toBe('film-7');
    expect(of(DRM, 'a')).toBe(contentIdOf({ ...FACTS, externalId: 'a' }));
    expect(of(DRM, 'b')).not.toBe(of(DRM, 'a'));
    expect(of(DRM)).not.toBe(of(DRM, 'a'));
  });

  it('is none where none is wanted', () => {
    expect(encryptionOf(undefined, FACTS, TITLE)).toEqual({});
  });
});

describe('a submitted title', () => {
  const options = titleOptions(mergeOptions({ drm: { systems: ['widevine'] } }, {}));
  const source = { kind: 'upload', id: 'u', key: 'k', bytes: 1 } as const;

  /** Stages that a flow asks for, of which all but the first go nowhere. */
  async function stagesOf(keyService: string | undefined): Promise<string[]> {
    const stages: string[] = [];
    const run = (stage: string | { name: string }): Promise<unknown> => {
      stages.push(typeof stage === 'string' ? stage : stage.name);
      if (stages.length > 1) throw new Error('far enough');
      return Promise.resolve({ sha256: 'ab'.repeat(32), bytes: 1 });
    };
    const flow = submittedFlow({ name: 'a', source, options, keyService }, {
      run,
    } as unknown as TitleContext);
    await expect(flow).rejects.toThrow(keyService === undefined ? /no key service/ : 'far enough');
    return stages;
  }

  it('that is to be encrypted is refused before anything is made of it, where there is no key service', async () => {
    expect(await stagesOf(undefined)).toEqual(['fetch']);
    expect(await stagesOf('built in')).toEqual(['fetch', 'ingest']);
  });
});
