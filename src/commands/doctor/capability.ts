/** What a process may do beyond what any user may. */
import { kernelText } from "./kernel-text.ts";

const BITS = { NET_BIND_SERVICE: 10n, NET_ADMIN: 12n } as const;

/** `process`: a number, or `self`. False where it is not told. */
export async function isCapable(
	proc: string,
	process: number | "self",
	capability: keyof typeof BITS,
): Promise<boolean> {
	const status = await kernelText(`${proc}/${process}/status`);
	const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status ?? "")?.[1];
	return effective !== undefined && ((BigInt(`0x${effective}`) >> BITS[capability]) & 1n) === 1n;
}
