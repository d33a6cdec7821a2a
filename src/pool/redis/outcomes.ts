/** Outcomes of requests, remembered under the keys of their callers for a day. */
import type { Ground } from "./ground.ts";
import { REMEMBER } from "./lua-read.ts";

const DAY_SECONDS = 86_400;

/** As PoolStore.remember. */
export async function rememberOutcome(
	ground: Ground,
	key: string,
	outcome: string,
): Promise<string | undefined> {
	const { before } = await ground.inEpoch(async ({ position: { epoch } }) => {
		const { keys } = ground;
		const once = [keys.meta, keys.once(epoch, key)];
		const { word, rest } = await ground.write(REMEMBER, once, [epoch, outcome, DAY_SECONDS]);
		if (word === "epoch") return "epoch";
		return { before: typeof rest[0] === "string" ? rest[0] : undefined };
	});
	return before;
}

/** As PoolStore.recall. */
export async function recallOutcome(ground: Ground, key: string): Promise<string | undefined> {
	const meta = await ground.fetchMeta();
	if (meta === undefined) return undefined;
	const name = ground.keys.once(meta.position.epoch, key);
	return (await ground.link.run((client) => client.get(name))) ?? undefined;
}
