// Numbers, durations and times as people read them. Pure; the language is English everywhere.

const grouped = new Intl.NumberFormat("en-GB");

/** 1234567 → "1,234,567". */
export function count(value: number): string {
  return grouped.format(value);
}

/** A media position: 75.4 → "1:15", 3675 → "1:01:15". Fractions are cut, never rounded up. */
export function position(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** How long something has lasted, in its largest unit: 12 s, 3 min, 5 h, 2 d. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A duration with the precision that its size deserves: 0.35 → "0.35 s", 12.34 → "12.3 s", 95 → "1:35". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(2))} s`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  return position(seconds);
}

/** The local time of day of an epoch time in milliseconds: "14:03:27". */
export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

/** An id that is too long for its place: the start and the end, "143f9cb9…d190". */
export function shortened(id: string, most = 16): string {
  if (id.length <= most) return id;
  const tail = 4;
  return `${id.slice(0, most - tail - 1)}…${id.slice(-tail)}`;
}

/** A field's name as a heading: play_time_s → "Play time", adsClicked → "Ads clicked". */
export function heading(key: string): string {
  const words = key
    .replace(/_(s|ms)$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/_/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
