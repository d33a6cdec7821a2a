/** Columns, as wide as what stands in them. */
export function table(rows: readonly (readonly string[])[]): string[] {
	const widths = rows.reduce<number[]>(
		(all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)),
		[],
	);
	return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i])).join("  ")}`.trimEnd());
}
