const LONGEST = 255;

/** A file name of what somebody calls a file: no folders, no control characters, at most 255 characters. */
export function fileName(text: string): string {
  const last = text.split(/[/\\]/).at(-1) ?? '';
  const name = last.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '').trim();
  return [...name].slice(0, LONGEST).join('').slice(0, LONGEST) || 'master';
}
