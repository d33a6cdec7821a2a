/** How long the parts of the sync wait, and how much they take at a time. All times are milliseconds. */
export interface Pace {
	/** How long one wait for changes lasts; then they are asked for anyway. */
	readonly waitMs: number;
	/** A wait that is not over so long after its time is given up: its connection hangs. */
	readonly waitGraceMs: number;
	/** Between attempts at a store or a disk that fails: the first, and the longest. */
	readonly retryMs: readonly [number, number];
	/** Between looks at a pool that is held. */
	readonly holdMs: readonly [number, number];
	/** Between whole scans of a pool that is held for having shrunk: the shortest and the longest. */
	readonly rescanMs: readonly [number, number];
	/** Between questions for the store's clock. */
	readonly clockMs: number;
	/** Changes asked for at once. */
	readonly page: number;
	/** After a resync that touched more domains than this, they are not named one by one. */
	readonly most: number;
}

export const PACE: Pace = {
	waitMs: 15_000,
	waitGraceMs: 5_000,
	retryMs: [1_000, 30_000],
	holdMs: [2_000, 15_000],
	rescanMs: [30_000, 600_000],
	clockMs: 120_000,
	page: 2_000,
	most: 20_000,
};
