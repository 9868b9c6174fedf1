import type { FilmShape } from './film-shape.js';
import type { Group, TitleGraph } from './graph.js';
import { type Random, seeded } from './random.js';
import type { FlowOptions, FlowSetting } from './flow-options.js';
import { type Traffic, transferSeconds } from './transfers.js';

/** Seconds until a worker has begun a job and told of its end, beside what the store takes. */
const DISPATCH = 0.02;
/** Jobs a second that go into the queue. */
const ADDED_PER_SECOND = 1500;
/** Look-ups of the control plane at a time. */
const LOOKUPS = 32;
/** A rendition is as many files as it has segments, and one. */
const SEGMENT_SECONDS = 4;
/** Sockets of one client of the store. */
const SOCKETS = 50;

/** The graph of a title: as many groups as the flow has steps, stages side by side in groups of their own. */
export function flowGraph(film: FilmShape, options: FlowOptions, setting: FlowSetting): TitleGraph {
  return new FlowGraph(film, options, setting).graph();
}

class FlowGraph {
  private readonly groups: Group[] = [];
  private readonly bytes: { master: number; audio: number[] };
  private readonly codecs: readonly number[];
  /** Apart, so that encodes cost the same in every flow, whatever else that asks of the store. */
  private readonly costDraws: Random;
  private readonly storeDraws: Random;

  constructor(
    private readonly film: FilmShape,
    private readonly options: FlowOptions,
    private readonly setting: FlowSetting,
  ) {
    const { costs, masterScale = 1, codecs = [1] } = setting;
    const { master, audio } = costs.bytesPerFrame;
    this.bytes = { master: master * masterScale * film.frames, audio: audio.map((b) => b * film.frames) };
    this.codecs = codecs;
    this.costDraws = seeded(setting.seed);
    this.storeDraws = seeded(setting.seed + 1);
  }

  graph(): TitleGraph {
    const analysed = this.analyse();
    const searched = this.search(this.options.searchBesideInspect ? [analysed.chunked] : analysed.all);
    this.finish(searched, analysed.all);
    return { groups: this.groups };
  }

  /** Adds a group; its jobs' transfers and what it takes to look up what they need come to what is given. */
  private add(
    stage: string,
    after: readonly number[],
    jobs: readonly { seconds: number; traffic: Traffic }[],
    control = 0,
  ): number {
    const seconds = Float64Array.from(jobs, (job) => job.seconds + DISPATCH + this.transfer(job.traffic));
    // Each job's record is looked for before it is added.
    const atOnce = Math.min(LOOKUPS, jobs.length || 1);
    const lookUp = this.transfer({ gets: jobs.length, puts: 0, bytes: 0, atOnce });
    this.groups.push({ stage, seconds, after, control: control + lookUp + jobs.length / ADDED_PER_SECOND });
    return this.groups.length - 1;
  }

  private transfer(traffic: Traffic): number {
    return transferSeconds(traffic, this.setting.store, this.storeDraws);
  }

  /** A job over a share of all frames that reads that share of the master. */
  private overMaster(
    stage: 'ingest' | 'inspect' | 'chunk',
    share: number,
  ): { seconds: number; traffic: Traffic } {
    const seconds = this.setting.costs.perFrame(stage) * this.film.frames * share;
    return { seconds, traffic: { gets: 2, puts: 1, bytes: this.bytes.master * share } };
  }

  private pieces<T>(job: (share: number) => T): T[] {
    const { frames, fps } = this.film;
    const count = this.options.pieces ? Math.ceil(frames / fps / this.options.pieces) : 1;
    return Array.from({ length: count }, () => job(1 / count));
  }

  private analyse(): { chunked: number; all: number[] } {
    const { film, bytes, options, setting } = this;
    const ingested = this.add(
      'ingest',
      [],
      this.pieces((share) => this.overMaster('ingest', share)),
    );
    const inspected = this.add(
      'inspect',
      [ingested],
      this.pieces((share) => this.overMaster('inspect', share)),
    );
    const audio = setting.costs.audioPerFrame().map((perFrame, i) => ({
      seconds: perFrame * film.frames,
      traffic: { gets: 3, puts: 2, bytes: bytes.master + bytes.audio[i]! },
    }));
    const sounded = this.add('audio', [ingested], audio);
    const whole = this.pieces((share) => this.overMaster('chunk', share));
    if (!options.pieces) {
      // Two chunks are cut at a time; each is kept with a question and a write.
      const [job] = whole;
      const { traffic } = job!;
      const kept = { gets: traffic.gets + film.shots, puts: film.shots, bytes: 2 * traffic.bytes, atOnce: 2 };
      const chunked = this.add('chunk', [ingested], [{ ...job!, traffic: kept }]);
      return { chunked, all: [chunked, inspected, sounded] };
    }
    // Scanned, and then, when all shots are known, cut and verified: half of the work each.
    const halves = whole.map(({ seconds, traffic }) => ({ seconds: seconds / 2, traffic }));
    const scanned = this.add('chunk', [ingested], halves);
    const shots = film.shots / halves.length;
    const cuts = halves.map(({ seconds, traffic }) => ({
      seconds,
      traffic: { gets: traffic.gets + shots, puts: shots, bytes: 2 * traffic.bytes, atOnce: 2 },
    }));
    const chunked = this.add('cut', [scanned], cuts);
    return { chunked, all: [chunked, inspected, sounded] };
  }

  /**
   * Seconds of the control plane before round `round` of the search of so many codecs, one after the other; the last round
   * are the repairs, and beyond it comes whatever follows. A flow that keeps no plans begins anew after each wait.
   */
  private planning(round: number, codecs: number): number {
    const { rounds, choose, repair } = this.setting.costs.planning;
    const repairs = this.film.rounds.length - 1;
    const steps = [...rounds.slice(0, repairs), rounds[repairs]! + choose + repair];
    const asked = this.options.planOnce ? steps.slice(round, round + 1) : steps.slice(0, round + 1);
    return asked.reduce((sum, s) => sum + s, 0) * this.film.shots * codecs;
  }

  /** The rounds of all codecs; gives the groups that the rest waits for. */
  private search(after: readonly number[]): number[] {
    const { codecs, options } = this;
    const together = options.codecsApart ? codecs.map((factor) => [factor]) : [codecs];
    return together.flatMap((factors) => this.rounds(after, factors));
  }

  /** Rounds of codecs that wait for each other. */
  private rounds(after: readonly number[], factors: readonly number[]): number[] {
    const { film, setting } = this;
    const chunkBytes = this.bytes.master / film.frames;
    let before = [...after];
    film.rounds.forEach((jobs, round) => {
      const last = before.reduce((sum, group) => sum + this.groups[group]!.seconds.length, 0);
      const control = this.planning(round, factors.length) + (round === 0 ? 0 : this.collect(last));
      before = factors.map((factor) =>
        this.add(
          round === 0 ? 'probe' : 'encode',
          before,
          jobs.map((job) => ({
            seconds: factor * setting.costs.encodeSeconds(job, this.costDraws),
            // Is it there already; the chunk; the encode (a question and a write), the record.
            traffic: { gets: 3, puts: 2, bytes: 1.5 * chunkBytes * job.frames },
          })),
          control,
        ),
      );
    });
    return before;
  }

  /** The control plane looks for the records of finished jobs, reads them, and asks for their files. */
  private collect(jobs: number, files = jobs): number {
    return this.transfer({ gets: 2 * jobs + files, puts: 0, bytes: 0, atOnce: LOOKUPS });
  }

  private finish(searched: readonly number[], analysed: readonly number[]): void {
    const { film, options, setting, codecs } = this;
    const { costs } = setting;
    const { rounds } = film;
    const rungs = codecs.flatMap(() => film.rungs);
    const control =
      this.planning(rounds.length, codecs.length) + this.collect(rounds[rounds.length - 1]!.length);
    const assembled = this.add(
      'assemble',
      searched,
      rungs.map(({ bits }) => ({
        seconds: (costs.perByte('assemble') * bits) / 8,
        traffic: { gets: 2 * film.shots + 2, puts: 2, bytes: bits / 4, atOnce: SOCKETS },
      })),
      control,
    );
    const again = this.planning(rounds.length, codecs.length);
    const packaged = this.add(
      'package',
      [assembled, ...analysed],
      this.parts().map(({ bytes, files }) => ({
        seconds: costs.perByte('package') * bytes,
        traffic: { gets: files, puts: files, bytes: 2 * bytes, atOnce: options.filesAtOnce },
      })),
      again,
    );
    const files = this.parts().reduce((sum, part) => sum + part.files, 0);
    const verified = this.add('verify', [packaged], this.verifications(), again + this.collect(1, files));
    const publish = this.transfer({ gets: 0, puts: files, bytes: 0, atOnce: LOOKUPS });
    this.add('publish', [verified], [], again + publish);
  }

  /** What is packaged and verified by itself: everything, or every rung, and the sound. */
  private parts(): { pixels: number; bytes: number; files: number }[] {
    const { film, codecs, bytes } = this;
    const files = Math.ceil(film.frames / film.fps / SEGMENT_SECONDS) + 1;
    const rungs = codecs.flatMap(() =>
      film.rungs.map(({ width, height, bits }) => ({ pixels: width * height, bytes: bits / 8, files })),
    );
    const sound = bytes.audio.reduce((sum, own) => sum + own, 0);
    const parts = [...rungs, { pixels: 0, bytes: sound, files: bytes.audio.length * files }];
    if (this.options.rungsApart) return parts;
    const sum = (of: (part: (typeof parts)[number]) => number): number =>
      parts.reduce((s, p) => s + of(p), 0);
    return [{ pixels: sum((p) => p.pixels), bytes: sum((p) => p.bytes), files: sum((p) => p.files) }];
  }

  /** Of the parts, or of every piece of them. */
  private verifications(): { seconds: number; traffic: Traffic }[] {
    const perPixel = this.setting.costs.verifyPerPixel();
    const { filesAtOnce: atOnce } = this.options;
    return this.parts().flatMap(({ pixels, bytes, files }) =>
      this.pieces((share) => ({
        seconds: perPixel * pixels * this.film.frames * share,
        traffic: { gets: files * share, puts: 1, bytes: bytes * share, atOnce },
      })),
    );
  }
}
