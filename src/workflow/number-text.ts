const DIGITS = 15;

/** A number as GitHub writes it, in expressions and where YAML has one for a text: fifteen digits, and a power of ten where they do not reach. */
export function numberText(value: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return String(value);
  const [digits = '', power = ''] = value.toExponential(DIGITS - 1).split('e');
  const exponent = Number(power);
  if (exponent > -5 && exponent < DIGITS) return String(Number(value.toPrecision(DIGITS)));
  return `${Number(digits)}E${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
