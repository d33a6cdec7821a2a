/** How much one batch may change at once. */
import type { LimitSettings } from "../../config/pool-settings.ts";

export interface Delta {
	/** Domains that the member did not speak of before. */
	readonly adds: number;
	/** Contributions that it withdraws. */
	readonly removes: number;
}

function percent(share: number): string {
	return `${Math.round(share * 1000) / 10} %`;
}

/** Whether the batch is above what is never passed, whatever else it brings. */
export function isAboveCeiling({ adds, removes }: Delta, limits: LimitSettings): boolean {
	return adds > limits.maxChanges || removes > limits.maxChanges;
}

/**
 * Why a batch has to wait for a person, in one sentence; undefined when it may enter. A member that has nothing yet has
 * no share to go by: what it may bring at once is `freeChanges`.
 *
 * @param has how many contributions the member has now.
 */
export function deltaFault(
	member: string,
	delta: Delta,
	has: number,
	limits: LimitSettings,
): string | undefined {
	const { adds, removes } = delta;
	const { maxChange, freeChanges, maxChanges } = limits;
	if (isAboveCeiling(delta, limits)) {
		// It may not be read to its end yet.
		return `the batch of ${member} adds ${adds} domains or more, and removes ${removes} or more, of ${has} it has: more than pool.limits.maxChanges (${maxChanges}) allows`;
	}
	const does = `the batch of ${member} adds ${adds} domains and removes ${removes}, of ${has} it has`;
	if (adds + removes <= freeChanges) return undefined;
	const most = Math.floor(has * maxChange);
	if (adds <= most && removes <= most) return undefined;
	return has === 0
		? `${does}: more than the ${freeChanges} that a member may begin with at once (pool.limits.freeChanges)`
		: `${does}: more than ${freeChanges} (pool.limits.freeChanges), and more than ${percent(maxChange)} of its own, ${most} (pool.limits.maxChange)`;
}
