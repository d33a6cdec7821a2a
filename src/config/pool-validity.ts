/** How long contributions count, unless the configuration says otherwise. */
import type { PoolCategory } from "./vocabulary.ts";

export interface ValiditySettings {
	/** When the contribution itself does not say. */
	readonly defaultMs: number;
	/** At most. */
	readonly maxMs: number;
}

const DAY_MS = 86_400_000;

function days(usual: number, most: number): ValiditySettings {
	return { defaultMs: usual * DAY_MS, maxMs: most * DAY_MS };
}

/** Phishing names live for hours and are soon another's; what courts decide holds for years. */
export const VALIDITY: Readonly<Record<PoolCategory, ValiditySettings>> = {
	malware: days(90, 180),
	phishing: days(14, 90),
	c2: days(90, 180),
	botnet: days(90, 180),
	fraud: days(30, 180),
	legal: days(365, 1825),
	other: days(30, 180),
};
