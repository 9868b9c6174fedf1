import { type Init, initOf } from '../boxes/init.js';
import { readTopLevel } from '../boxes/top-level.js';
import type { BoxProblem } from '../boxes/walk.js';
import { ByteWindow } from '../boxes/window.js';
import type { Findings } from '../findings.js';
import { LIMITS } from '../limits.js';
import { type Forced, profilesOfInit } from '../profiles.js';
import { check } from '../rules/check.js';
import { BOX_FIELDS, BOX_STRUCTURE, INIT_RULES, SEGMENT_RULES } from '../rules/media.js';
import { WEBVTT_RULES } from '../rules/webvtt.js';
import { ReadRefused, type Refusal, isRefusal } from '../source/source.js';
import { inOrder } from './in-order.js';
import type { Opener } from './opener.js';
import { Frames, Known } from './known.js';
import { type SegmentRead, readSegment, readSize } from './read-segment.js';
import { type Part, type SegmentRef, partKey, partName } from './references.js';
import { type Frame, type SegmentFacts, factsOf } from './segment.js';

export interface ReaderOptions {
  opener: Opener;
  findings: Findings;
  /** Profiles that are applied whatever the media claims. */
  forced: Forced;
  signal: AbortSignal;
  /** Told of every segment that was read. */
  onSegment: () => void;
}

/** What segments are said to be. Of opaque ones, which are encrypted as a whole, only the size can be known. */
export type Content = 'mp4' | 'unknown' | 'opaque';

/** Segments of a list in its order; undefined where one cannot be read, which was reported. */
export type Track = (SegmentFacts | undefined)[];

/**
 * Reads media and applies the rules about files to it. Every part is read once, however many manifests name it, and only
 * figures are kept.
 */
export class MediaReader {
  private readonly inits = new Map<string, Promise<Init | undefined>>();
  private readonly known = new Known();
  private readonly frames = new Frames();
  private segments = 0;

  constructor(private readonly options: ReaderOptions) {}

  /**
   * Reads the segments of a list, of which there are no more than `room`. `content` is what the manifest says that they
   * are.
   */
  async track(refs: readonly SegmentRef[], manifest: string, content: Content): Promise<Track> {
    const { signal, onSegment } = this.options;
    const track: Track = [];
    this.segments += refs.length;
    if (content !== 'opaque') await this.readInits(refs, manifest);
    let missing = 0;
    await inOrder(
      refs,
      LIMITS.parallel,
      async (ref) => {
        signal.throwIfAborted();
        const skip = ref.unusable === true || this.known.has(ref) || missing >= LIMITS.missing;
        return skip ? undefined : this.read(ref, content);
      },
      (result, ref) => {
        if (result?.kind === 'refused') missing += 1;
        if (result && !this.known.has(ref)) this.known.set(ref, this.take(result, ref, manifest));
        track.push(this.known.get(ref));
        onSegment();
      },
    );
    return track;
  }

  /** Entries of a list that points into segments count as such. */
  entries(count: number): void {
    this.segments += count;
  }

  /** How many segments a further list may have. */
  get room(): number {
    return Math.min(LIMITS.listSegments, Math.max(0, LIMITS.segments - this.segments));
  }

  /** The fragment that begins at a byte of a file, where segments of it were read. */
  frameAt(url: string, offset: number): Frame | undefined {
    return this.frames.at(url, offset);
  }

  /** An initialisation segment; undefined where there is none to read, which is reported once. */
  init(part: Part, manifest: string): Promise<Init | undefined> {
    const key = partKey(part);
    let init = this.inits.get(key);
    if (!init) this.inits.set(key, (init = this.readInit(part, manifest)));
    return init;
  }

  /** One after the other, so that findings are in the order of the manifest. */
  private async readInits(refs: readonly SegmentRef[], manifest: string): Promise<void> {
    for (const part of new Map(refs.flatMap(({ init }) => (init ? [[partKey(init), init]] : []))).values()) {
      await this.init(part, manifest);
    }
  }

  private async read(ref: SegmentRef, content: Content): Promise<SegmentRead> {
    const { opener } = this.options;
    try {
      if (content === 'opaque') return await readSize(opener, ref);
      const init = ref.init && (await this.init(ref.init, '')); // read before
      return await readSegment(opener, ref, init, content === 'mp4' || ref.init !== undefined);
    } catch (error) {
      if (!(error instanceof ReadRefused)) throw error;
      return { kind: 'refused', file: partName(opener.nameOf(ref.url), ref), refusal: error.refusal };
    }
  }

  /** Applies the rules to what was read, and keeps the figures. */
  private take(read: SegmentRead, ref: SegmentRef, manifest: string): SegmentFacts | undefined {
    const { findings, forced } = this.options;
    if (read.kind === 'refused') {
      this.refused(read.refusal, read.file, manifest);
      return undefined;
    }
    if (read.kind === 'other') {
      const { file, format, size, webvtt } = read;
      if (webvtt) check(WEBVTT_RULES, webvtt, file, forced, findings);
      return { file, part: ref, bytes: size, format, init: undefined, tracks: [], frames: [] };
    }
    const { segment } = read;
    this.problems(segment.problems, segment.file);
    // Of a segment that ends in the middle of a box everything else follows from that.
    if (segment.problems.some(({ kind }) => kind === 'structure')) return undefined;
    if (segment.init.tracks.length > 0) {
      check(SEGMENT_RULES, segment, segment.file, profilesOfInit(segment.init, forced), findings);
    }
    const facts = factsOf(segment, ref);
    this.frames.add(ref.url, facts.frames);
    return facts;
  }

  private async readInit(part: Part, manifest: string): Promise<Init | undefined> {
    const { opener, findings, forced } = this.options;
    const file = partName(opener.nameOf(part.url), part);
    try {
      const opened = await opener.part(part);
      if (isRefusal(opened)) {
        this.refused(opened, file, manifest);
        return undefined;
      }
      const window = new ByteWindow(opened.resource, opened.offset, opened.size);
      const { boxes, walker } = await readTopLevel(window);
      const init = initOf(file, boxes);
      this.problems(walker.problems, file);
      // What cannot be read says nothing of the media either.
      if (walker.problems.length > 0) return undefined;
      check(INIT_RULES, init, file, profilesOfInit(init, forced), findings);
      return init;
    } catch (error) {
      if (!(error instanceof ReadRefused)) throw error;
      this.refused(error.refusal, file, manifest);
      return undefined;
    }
  }

  private refused({ rule, expected, found }: Refusal, file: string, manifest: string): void {
    const named = manifest === '' ? '' : `, named by ${manifest}`;
    this.options.findings.add(rule, { file, expected: `${expected}${named}`, found });
  }

  private problems(problems: readonly BoxProblem[], file: string): void {
    for (const { kind, where, found } of problems) {
      const rule = kind === 'structure' ? BOX_STRUCTURE : BOX_FIELDS;
      const expected =
        kind === 'structure' ? 'boxes that fill what they are in' : 'a box that holds its fields';
      this.options.findings.add(rule, { file, expected, found: `${where}: ${found}` });
    }
  }
}
