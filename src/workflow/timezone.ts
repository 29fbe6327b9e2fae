// Time zones of the IANA database, as the system's tables have them.

/** Whether it is the name of a zone; offsets such as `+01:00` are none. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the clocks of a zone show at a moment, as the moment at which those of UTC show it. */
export function localMs(atMs: number, timezone: string): number {
  const shown = new Map(
    clockOf(timezone)
      .formatToParts(atMs)
      .map((part) => [part.type, Number(part.value)]),
  );
  const get = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
  const days = daysSinceEpoch(get('year'), get('month'), get('day'));
  return ((days * 24 + get('hour')) * 60 + get('minute')) * 60_000 + get('second') * 1_000;
}

/** Of the calendar in use since 1582; `month` counts from 1. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  // Years begin in March, so that the day which some of them lack stands at their end.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}
