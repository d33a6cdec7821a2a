/** The upstreams of a worker: those for all names, and those of the zones, if there are any. */
import { everyServer, type UpstreamSettings } from "../config/upstream-settings.ts";
import { type ServerSettings, Upstreams, type UpstreamsParts } from "../upstream/upstreams.ts";
import { ZonedUpstreams } from "../upstream/zoned-upstreams.ts";
import { type DomainName, nameFromText } from "../wire/name.ts";

export type AllUpstreams = Upstreams | ZonedUpstreams;

interface Parts extends UpstreamsParts {
	/** Whether a name may not be asked for at all. */
	readonly keeps: (name: DomainName) => boolean;
	/** Of the name hashes. */
	readonly seed: number;
}

/** `slots`: where each server is counted, in the order of `everyServer`. */
export function createUpstreams(
	settings: UpstreamSettings,
	slots: readonly number[],
	parts: Parts,
): AllUpstreams {
	const numbers = new Map(everyServer(settings).map(({ name }, i) => [name, slots[i] ?? i]));
	const create = (own: ServerSettings) => {
		const ownSlots = own.servers.map(({ name }) => numbers.get(name) ?? 0);
		return new Upstreams(own, ownSlots, parts);
	};
	const others = create(settings);
	if (settings.zones.length === 0) return others;
	const zones = settings.zones.map((zone) => ({
		names: zone.names.flatMap((name) => nameFromText(name) ?? []),
		upstreams: create({ ...settings, ...zone }),
	}));
	return new ZonedUpstreams(others, zones, parts.keeps, parts.seed);
}
