const DURATION = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?)?$/;

/** An xs:duration in seconds; undefined where it is none, or counts in years or months, which have no length. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  const match = trimmed.length <= 100 ? DURATION.exec(trimmed) : null;
  const [years, months, days, hours, minutes, seconds] = match?.slice(1) ?? [];
  const none = [years, months, days, hours, minutes, seconds].every((part) => part === undefined);
  if (!match || none || trimmed.endsWith('T') || Number(years ?? 0) > 0 || Number(months ?? 0) > 0)
    return undefined;
  return (
    Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
  );
}
