/** Who judges at present: a reload, another list of protected names, or a revocation puts another in its place. */
import type { PoolSettings } from "../../config/pool-settings.ts";
import { decodeMember } from "../../pool/codec.ts";
import { createGuard } from "../../pool/judge/guard.ts";
import { createJudge } from "../../pool/judge/judge.ts";
import { readProtectedNames } from "../../pool/judge/protected-file.ts";
import { ProtectedNames } from "../../pool/judge/protected-names.ts";
import type { Guard, Judge } from "../../pool/judging.ts";
import type { Replica } from "../../pool/replica.ts";

export class Judging {
	readonly #replica: Replica;
	#settings: PoolSettings;
	#protected: ProtectedNames;
	#revoked: ReadonlySet<string> = new Set();
	#guard: Guard;
	#judge: Judge;

	constructor(settings: PoolSettings, replica: Replica, dataDir: string) {
		this.#settings = settings;
		this.#replica = replica;
		this.#protected = readProtectedNames(dataDir) ?? ProtectedNames.from([]);
		this.#guard = this.#makeGuard();
		this.#judge = this.#makeJudge();
		this.membersChanged();
	}

	get judge(): Judge {
		return this.#judge;
	}

	get guard(): Guard {
		return this.#guard;
	}

	use(settings: PoolSettings): void {
		this.#settings = settings;
		this.#guard = this.#makeGuard();
		this.#judge = this.#makeJudge();
	}

	/** Names of the lists of kind `protect`, as the librarian sent them. */
	protect(memory: SharedArrayBuffer): void {
		this.#protected = new ProtectedNames(memory);
		this.#guard = this.#makeGuard();
		this.#judge = this.#makeJudge();
	}

	/** @returns members whose word counts now and did not before, or the other way round. */
	membersChanged(): readonly string[] {
		const before = this.#revoked;
		const now = new Set<string>();
		for (const { key, value } of this.#replica.members()) {
			const member = decodeMember(key, value);
			if (member?.revoked !== undefined) now.add(member.name);
		}
		this.#revoked = now;
		return [...now].filter((name) => !before.has(name)).concat([...before].filter((name) => !now.has(name)));
	}

	#makeGuard(): Guard {
		return createGuard(this.#settings.guard, this.#protected);
	}

	#makeJudge(): Judge {
		return createJudge(this.#settings, this.#guard, { revoked: (member) => this.#revoked.has(member) });
	}
}
