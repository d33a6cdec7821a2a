import { decodeMember } from "../codec.ts";
import type { Member } from "../contribution.ts";
import type { PoolRecord } from "../record.ts";
import { sameHash } from "./tokens.ts";

/** The members as they were when their records were last looked at. */
export class Roll {
	readonly #byName = new Map<string, Member>();
	readonly #byHash = new Map<string, Member>();

	/**
	 * Takes the place of what was known before.
	 *
	 * @returns whether somebody was revoked, or is so no longer.
	 */
	refresh(records: readonly PoolRecord[]): boolean {
		const revoked = this.#revoked();
		this.#byName.clear();
		this.#byHash.clear();
		for (const { key, value } of records) {
			const member = decodeMember(key, value);
			if (member === undefined) continue;
			this.#byName.set(member.name, member);
			if (member.tokenHash !== "" && member.revoked === undefined) this.#byHash.set(member.tokenHash, member);
		}
		return this.#revoked() !== revoked;
	}

	get(name: string): Member | undefined {
		return this.#byName.get(name);
	}

	/** The member with this token, unless revoked. */
	holder(tokenHash: string): Member | undefined {
		const member = this.#byHash.get(tokenHash);
		return member !== undefined && sameHash(member.tokenHash, tokenHash) ? member : undefined;
	}

	isRevoked(name: string): boolean {
		return this.#byName.get(name)?.revoked !== undefined;
	}

	/** In the order of names. */
	all(): readonly Member[] {
		return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	#revoked(): string {
		const names = this.all().filter((member) => member.revoked !== undefined);
		return names.map((member) => member.name).join("\n");
	}
}
