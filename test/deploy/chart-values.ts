/** Values that somebody may install the chart with, and the schema that Helm holds them against. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { repository } from "../bench/results.ts";

export const CHART = join(repository(), "deploy/kubernetes/cordon");

type Values = Readonly<Record<string, unknown>>;

function ruleGroups(): readonly unknown[] {
	const folder = join(repository(), "deploy/prometheus");
	return readdirSync(folder)
		.filter((name) => name.endsWith(".rules.yml"))
		.flatMap((name) => (parse(readFileSync(join(folder, name), "utf8")) as { groups: unknown[] }).groups);
}

export const FULL = {
	image: { repository: "registry.example/cordon", tag: "0.1.0", pullPolicy: "Always" },
	imagePullSecrets: [{ name: "registry" }],
	config: { pool: { store: "redis", redis: { sentinels: ["192.0.2.11"], master: "pool" } } },
	secrets: { redis: "redis-secret", cookie: "cookie-secret" },
	serviceMonitor: { enabled: true, labels: { release: "prometheus" } },
	prometheusRule: { enabled: true, labels: { release: "prometheus" }, groups: ruleGroups() },
	networkPolicy: { adminFrom: [{ podSelector: {} }], egress: [{ ports: [{ port: 53, protocol: "UDP" }] }] },
	persistence: { enabled: false },
	nodeSelector: { role: "dns" },
	tolerations: [{ operator: "Exists" }],
	affinity: {
		nodeAffinity: {
			requiredDuringSchedulingIgnoredDuringExecution: {
				nodeSelectorTerms: [{ matchExpressions: [{ key: "role", operator: "In", values: ["dns"] }] }],
			},
		},
	},
	priorityClassName: "system-cluster-critical",
	podAnnotations: { "example.org/team": "dns" },
	podDisruptionBudget: { maxUnavailable: "34%" },
	service: { type: "ClusterIP" },
};

export const SETS: readonly (readonly [name: string, values: Values])[] = [
	["as it comes", {}],
	["with everything on", FULL],
	[
		"a load balancer of one's own",
		{
			replicas: 5,
			service: {
				annotations: { "example.org/pool": "dns" },
				loadBalancerIP: "192.0.2.53",
				loadBalancerSourceRanges: ["198.51.100.0/24", "2001:db8::/32"],
			},
			persistence: { size: "10Gi", storageClass: "fast" },
			resources: { requests: { cpu: 2, memory: "512Mi" }, limits: { memory: "512Mi", cpu: "1500m" } },
		},
	],
	[
		"little of it",
		{
			service: { type: "NodePort", externalTrafficPolicy: "Cluster" },
			networkPolicy: { enabled: false },
			topologyKeys: [],
			resources: {},
			config: { access: {}, lists: [{ name: "own", url: "https://lists.example/own.txt" }] },
		},
	],
];

export function defaults(): Values {
	return parse(readFileSync(join(CHART, "values.yaml"), "utf8")) as Values;
}

export function valuesSchema() {
	return JSON.parse(readFileSync(join(CHART, "values.schema.json"), "utf8"));
}

/** As Helm: maps key by key, all else as a whole. */
export function laidOver(base: Values, over: Values): Values {
	const isMap = (value: unknown): value is Values =>
		typeof value === "object" && value !== null && !Array.isArray(value);
	return Object.entries(over).reduce<Record<string, unknown>>(
		(out, [key, value]) => {
			const old = out[key];
			out[key] = isMap(old) && isMap(value) ? laidOver(old, value) : value;
			return out;
		},
		{ ...base },
	);
}

/** What Helm would refuse of `over` laid over the defaults: the place, and why. */
export function refusedValues(over: Values): string[] {
	const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true });
	const validate = ajv.compile(valuesSchema());
	validate(laidOver(defaults(), over));
	return (validate.errors ?? []).map(({ instancePath, message, params }) => {
		const more = params.additionalProperty ?? params.propertyName;
		return `${instancePath} ${message}${more === undefined ? "" : `: ${more}`}`;
	});
}
