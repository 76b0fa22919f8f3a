// Numbers to tables.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Three significant digits, but no fewer than the integer part has. */
export function short(value) {
  return Number(value.toPrecision(3)) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/**
 * The median over the rounds of how one compares with another in the same round. What slowed the machine in a round
 * slowed both, so this is steadier than the quotient of two medians.
 */
export function ratio(ofRound, toRound) {
  return median(ofRound.map((value, round) => value / toRound[round]));
}

/** Prints rows of cells; the first column is aligned left, the others right. */
export function printTable(header, rows) {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  const line = (row) => console.log(`  ${row.map(pad).join("   ")}`);
  line(header);
  console.log(`  ${widths.map((width) => "-".repeat(width)).join("   ")}`);
  rows.forEach(line);
}

/** Prints one budget of the project and how far the measurement is from it. */
export function printBar(what, measured, bar, unit) {
  const verdict =
    measured <= bar ? `met, ${short(bar / measured)} times better` : `MISSED by a factor of ${short(measured / bar)}`;
  console.log(`  ${what}: ${short(measured)}${unit}, bar ${bar}${unit}: ${verdict}`);
}
