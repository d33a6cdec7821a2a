/** The options that describe a contribution. The server checks what they say. */
import type { OptionTypes, Typed } from "../options.ts";

export const DRAFT_OPTIONS: OptionTypes = {
	category: { type: "string" },
	confidence: { type: "string" },
	for: { type: "string" },
	until: { type: "string" },
	scope: { type: "string" },
	tlp: { type: "string" },
	basis: { type: "string" },
	reason: { type: "string" },
	reference: { type: "string" },
};

export const DRAFT_HELP = `
  --category C       malware, phishing, c2, botnet, fraud, legal or other
  --confidence N     how sure you are, 0 to 100
  --for 7d           how long it counts; or
  --until MOMENT     until when, such as 2027-01-31T12:00:00Z; without either as long as its category says
  --scope S          subtree: the domain and all below it (the default); exact: the domain alone
  --tlp T            how far it may be given on: clear, green, amber, amber+strict or red
  --basis B          why it is to be blocked: policy, law or request
  --reason TEXT      why, for people
  --reference URL    where more is known
`;

/** The fields that were given, as the API takes them. */
export function draftFields(typed: Typed): Readonly<Record<string, unknown>> {
	const confidence = typed.text("confidence");
	const fields = {
		scope: typed.text("scope"),
		category: typed.text("category"),
		// What is no number is sent as it is, for the server to say what it should be.
		confidence: confidence !== undefined && /^\d{1,9}$/.test(confidence) ? Number(confidence) : confidence,
		tlp: typed.text("tlp"),
		basis: typed.text("basis"),
		reason: typed.text("reason"),
		reference: typed.text("reference"),
		validFor: typed.text("for"),
		validUntil: typed.text("until"),
	};
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
