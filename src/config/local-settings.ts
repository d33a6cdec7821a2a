/** Names that Cordon answers itself, as the program uses them. */
import type { Config } from "./schema.ts";

/** True: answered here. False: an ordinary name. A zone of `upstreams.zones` stands above either. */
export interface LocalSettings {
	readonly localhost: boolean;
	readonly reserved: boolean;
	readonly homeArpa: boolean;
	readonly internal: boolean;
	readonly privateReverse: boolean;
	readonly resolverArpa: boolean;
	readonly firefoxCanary: boolean;
	readonly privateRelay: boolean;
	readonly singleLabel: boolean;
	readonly infoUrl?: string;
}

export type LocalSwitch = Exclude<keyof LocalSettings, "infoUrl">;

export function toLocal({ local: { infoUrl, ...switches } }: Config): LocalSettings {
	return { ...switches, ...(infoUrl === undefined ? {} : { infoUrl }) };
}
