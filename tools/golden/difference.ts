const shownLength = 160;

/** Where two texts begin to differ: the number of the line and both lines, each cut to 160 characters. */
export function firstDifference(found: string, wanted: string): string {
  const foundLines = found.split('\n');
  const wantedLines = wanted.split('\n');
  const length = Math.max(foundLines.length, wantedLines.length);
  for (let at = 0; at < length; at += 1) {
    if (foundLines[at] === wantedLines[at]) continue;
    const show = (line: string | undefined): string => (line ?? '(no such line)').slice(0, shownLength);
    return `  line ${at + 1}\n  - ${show(foundLines[at])}\n  + ${show(wantedLines[at])}`;
  }
  return '  no difference';
}
