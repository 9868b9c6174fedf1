/** One report of ffmpeg's -progress stream. */
export interface FfmpegProgress {
  /** Frames written so far. */
  frame: number;
  /** Position in the output, seconds; undefined before the first packet. */
  seconds: number | undefined;
  ended: boolean;
}

/** Incremental parser of ffmpeg's -progress output (key=value lines, each report closed by `progress=`). */
export class ProgressParser {
  private rest = '';
  private fields = new Map<string, string>();

  /** Takes the next piece of the stream; gives the reports that it completed. */
  push(text: string): FfmpegProgress[] {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    const reports: FfmpegProgress[] = [];
    for (const line of lines) {
      const equals = line.indexOf('=');
      if (equals < 0) continue;
      const key = line.slice(0, equals).trim();
      const value = line.slice(equals + 1).trim();
      this.fields.set(key, value);
      if (key === 'progress') reports.push(this.close(value === 'end'));
    }
    return reports;
  }

  private close(ended: boolean): FfmpegProgress {
    const micros = Number(this.fields.get('out_time_us'));
    const report = {
      frame: Number(this.fields.get('frame')) || 0,
      seconds: Number.isFinite(micros) && micros >= 0 ? micros / 1e6 : undefined,
      ended,
    };
    this.fields.clear();
    return report;
  }
}
