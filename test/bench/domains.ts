/**
 * Names that look like those of phishing campaigns: two or three labels, about twenty characters.
 * The same seed gives the same names, so that two runs block and ask the same.
 */

const WORDS =
	"secure login account verify update bank pay wallet support mail cloud office online service web app auth portal post parcel track bonus gift crypto coin market shop store help client billing signin invoice notice alert customer delivery refund reward token airdrop".split(
		" ",
	);
const SYLLABLES =
	"ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo za bre cla dri flo gru ple sti tra vor win kal mer nor sel tan ver zen lin mar dor".split(
		" ",
	);
const SUBLABELS = "www login m mail secure app id account my web support update info".split(" ");
const ZONES =
	"com com com com com com net org info top xyz online site shop club cc ru cn br de pl fr co.uk com.br vip icu".split(
		" ",
	);

export type Random = () => number;

/** Mulberry32: small, fast and the same everywhere; numbers in [0, 1). */
export function seededRandom(seed: number): Random {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

export function pick<T>(from: readonly T[], random: Random): T {
	return from[Math.floor(random() * from.length)];
}

function syllables(count: number, random: Random): string {
	let text = "";
	for (let i = 0; i < count; i++) text += pick(SYLLABLES, random);
	return text;
}

function registeredLabel(random: Random): string {
	const kind = random();
	if (kind < 0.3) return `${pick(WORDS, random)}-${syllables(3, random)}`;
	if (kind < 0.5) return `${pick(WORDS, random)}${syllables(2, random)}${Math.floor(random() * 1000)}`;
	if (kind < 0.65) return `${syllables(2, random)}-${pick(WORDS, random)}${Math.floor(random() * 100)}`;
	return syllables(4 + Math.floor(random() * 3), random);
}

function domain(random: Random): string {
	const registered = `${registeredLabel(random)}.${pick(ZONES, random)}`;
	return random() < 0.3 ? `${pick(SUBLABELS, random)}.${registered}` : registered;
}

/** In the order in which they were made, each once. */
export function blockedDomains(count: number, seed = 1): Set<string> {
	const random = seededRandom(seed);
	const domains = new Set<string>();
	while (domains.size < count) domains.add(domain(random));
	return domains;
}

export function isBlocked(name: string, blocked: ReadonlySet<string>): boolean {
	for (let at = 0; at >= 0; ) {
		if (blocked.has(name.slice(at))) return true;
		const dot = name.indexOf(".", at);
		at = dot < 0 ? -1 : dot + 1;
	}
	return false;
}

/** Names that no list blocks. */
export function goodNames(count: number, blocked: ReadonlySet<string>, seed = 2): string[] {
	const random = seededRandom(seed);
	const names = new Set<string>();
	while (names.size < count) {
		const name = domain(random);
		if (!isBlocked(name, blocked)) names.add(name);
	}
	return [...names];
}

/** Names that are neither blocked nor ever made twice, over all rounds. */
export function* missedNames(
	count: number,
	round: number,
	blocked: ReadonlySet<string>,
): Generator<string, void, undefined> {
	const random = seededRandom(1000 + round);
	for (let made = 0; made < count; made++) {
		// The number makes it unique; the digit 0 never stands in a syllable, so the number cannot run into it.
		const registered = `${syllables(3, random)}0${(round * 100_000_000 + made).toString(36)}.${pick(ZONES, random)}`;
		const name = random() < 0.5 ? `www.${registered}` : registered;
		if (!isBlocked(name, blocked)) yield name;
	}
}
