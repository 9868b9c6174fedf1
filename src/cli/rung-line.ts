import { codecName } from './codec-names.js';

/** A rung as one line of a summary. Bit rates are bit/s. */
export function rungLine(rung: {
  codec: string;
  width: number;
  height: number;
  averageBitrate: number;
  vmaf: number;
}): string {
  const { codec, width, height, averageBitrate, vmaf } = rung;
  const kbits = String(Math.round(averageBitrate / 1000));
  const size = `${width}x${height}`;
  return `  ${codecName(codec).padEnd(5)} ${size.padStart(9)} ${kbits.padStart(6)} kbit/s   VMAF ${vmaf.toFixed(1)}`;
}
