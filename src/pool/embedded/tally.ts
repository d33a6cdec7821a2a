/** By how much the counts of a state change. */
import { decodeMember } from "../codec.ts";
import { kindOf, memberOf } from "../record-key.ts";

export class Tally {
	readonly byMember = new Map<string, number>();
	contributions = 0;
	/** Members that are not revoked. */
	members = 0;

	/** A record became another one; undefined where there is none. */
	note(key: string, before: string | undefined, after: string | undefined): void {
		const kind = kindOf(key);
		if (kind === "member") {
			this.members += active(key, after) - active(key, before);
			return;
		}
		const change = Number(after !== undefined) - Number(before !== undefined);
		const member = kind === "contribution" && change !== 0 ? memberOf(key) : undefined;
		if (member === undefined) return;
		this.contributions += change;
		this.byMember.set(member, (this.byMember.get(member) ?? 0) + change);
	}
}

function active(key: string, value: string | undefined): number {
	if (value === undefined) return 0;
	const member = decodeMember(key, value);
	return member === undefined || member.revoked !== undefined ? 0 : 1;
}
