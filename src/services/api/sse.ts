/** One event in the form of server-sent events; `data` is JSON, so it has no line breaks. */
export function sseFrame(event: string, data: unknown, id?: number): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** A line that means nothing, so that nobody in between takes the connection for dead. */
export const SSE_KEEP_ALIVE = ': keep-alive\n\n';

/** Tells clients how long to wait before they come back. */
export function sseRetry(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** Where somebody sleeps until there is something to do. A ring that nobody waits for is remembered. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** True when rung, false after `ms`. */
  async wait(ms: number): Promise<boolean> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = undefined;
    }
    const { rung } = this;
    this.rung = false;
    return rung;
  }
}
