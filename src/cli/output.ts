/** Where a command writes; process.stdout and process.stderr, or streams of a test. */
export interface OutStream extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/**
 * The two streams of a command. Standard output carries what the command is asked for: its text, or with --json one
 * object a line and nothing else. Everything said meanwhile goes to standard error.
 */
export class Output {
  private readonly closed = new Set<OutStream>();
  private lift: (() => void) | undefined;

  /** `onBroken` is told of a stream that fails for another reason than a reader that went away. */
  constructor(
    readonly stdout: OutStream,
    readonly stderr: OutStream,
    onBroken: (error: Error) => void,
  ) {
    for (const stream of [stdout, stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        this.closed.add(stream);
        // `hullcast … | head` closes the pipe: the work goes on, there is just nobody left to tell.
        if (error.code !== 'EPIPE') onBroken(error);
      });
    }
  }

  /** One JSON object as a line of standard output. */
  json(line: object): void {
    this.write(this.stdout, `${JSON.stringify(line)}\n`);
  }

  /** What the command was asked for, as text; on standard output. */
  result(text: string): void {
    this.write(this.stdout, text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Something for people to read while the command runs; on standard error, above what is being redrawn there. */
  note(text: string): void {
    this.lift?.();
    this.write(this.stderr, text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Text for a terminal as it is, cursor movements included; on standard error. */
  draw(text: string): void {
    this.write(this.stderr, text);
  }

  /** `lift` takes away what was drawn, so that a note can stand in its place; undefined when drawing has ended. */
  drawing(lift: (() => void) | undefined): void {
    this.lift = lift;
  }

  /** Waits until what was written has left the process, so that exiting loses nothing. */
  async flush(): Promise<void> {
    await Promise.all([this.stdout, this.stderr].map((stream) => this.drained(stream)));
  }

  private write(stream: OutStream, text: string): void {
    if (!this.closed.has(stream)) stream.write(text);
  }

  private drained(stream: OutStream): Promise<void> {
    if (this.closed.has(stream)) return Promise.resolve();
    return new Promise((resolve) => stream.write('', () => resolve()));
  }
}
