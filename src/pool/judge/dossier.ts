/** All that is said about one domain, decoded. What cannot be decoded is as if it were not there. */
import { decodeApproval, decodeContribution, decodeDecision, decodeDispute } from "../codec.ts";
import type { Approval, Contribution, Decision, Dispute } from "../contribution.ts";
import type { PoolRecord } from "../record.ts";
import { kindOf } from "../record-key.ts";

export interface Dossier {
	readonly contributions: readonly Contribution[];
	readonly disputes: readonly Dispute[];
	readonly approvals: readonly Approval[];
	readonly decision: Decision | undefined;
}

export function decodeDossier(records: readonly PoolRecord[]): Dossier {
	const contributions: Contribution[] = [];
	const disputes: Dispute[] = [];
	const approvals: Approval[] = [];
	let decision: Decision | undefined;
	for (const { key, value } of records) {
		const kind = kindOf(key);
		if (kind === "contribution") {
			const contribution = decodeContribution(key, value);
			if (contribution !== undefined) contributions.push(contribution);
		} else if (kind === "dispute") {
			const dispute = decodeDispute(key, value);
			if (dispute !== undefined) disputes.push(dispute);
		} else if (kind === "approval") {
			const approval = decodeApproval(key, value);
			if (approval !== undefined) approvals.push(approval);
		} else if (kind === "decision") decision = decodeDecision(key, value) ?? decision;
	}
	return { contributions, disputes, approvals, decision };
}
