/** The chart before it is rendered: what it says of itself, and which values Helm refuses at once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { parse } from "yaml";
import { repository } from "../bench/results.ts";
import { CHART, defaults, refusedValues, SETS, valuesSchema } from "./chart-values.ts";
import { type Resource, refusals } from "./kubernetes.ts";

interface Schema {
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly additionalProperties?: unknown;
	readonly propertyNames?: { readonly enum: readonly string[] };
}

const read = (path: string): string => readFileSync(join(repository(), path), "utf8");

/** Of Chart.yaml in Helm's own struct. */
const CHART_KEYS = new Set(
	"apiVersion name version kubeVersion description type keywords home sources dependencies maintainers icon appVersion deprecated annotations".split(
		" ",
	),
);

test("Chart.yaml", async (t) => {
	const chart = parse(readFileSync(join(CHART, "Chart.yaml"), "utf8"));
	t.same(
		Object.keys(chart).filter((key) => !CHART_KEYS.has(key)),
		[],
		"no key that Helm does not know",
	);
	t.match(chart, {
		apiVersion: "v2",
		name: "cordon",
		type: "application",
		version: /^\d+\.\d+\.\d+$/,
		kubeVersion: /^>=1\.\d+\.0-0$/,
	});
	t.equal(chart.appVersion, JSON.parse(read("package.json")).version, "it installs this Cordon");
});

test("values.schema.json knows every value, and no other", async (t) => {
	const walk = (schema: Schema, values: Readonly<Record<string, unknown>>, path: string): void => {
		const known = Object.keys(schema.properties ?? {}).filter((key) => key !== "global");
		t.same(known.toSorted(), Object.keys(values).toSorted(), path);
		t.equal(schema.additionalProperties, false, `${path} takes no other`);
	};
	const schema: Schema = valuesSchema();
	walk(schema, defaults(), "values");
	for (const [key, value] of Object.entries(defaults())) {
		const of = schema.properties?.[key];
		const isOpen = JSON.stringify(value) === "{}";
		if (of?.additionalProperties === false && !isOpen)
			walk(of, value as Readonly<Record<string, unknown>>, key);
	}
	const config = JSON.parse(read("config/cordon.schema.json")) as Required<Schema>;
	t.same(
		schema.properties?.config.propertyNames?.enum,
		Object.keys(config.properties).filter((key) => key !== "listen" && key !== "dataDir"),
		"config has the keys of Cordon's configuration, without those that the chart decides",
	);
	for (const [name, values] of SETS) t.same(refusedValues(values), [], name);
});

test("a wrong value is refused at helm install, by its place", async (t) => {
	for (const [values, expected] of [
		[{ replica: 3 }, " must NOT have additional properties: replica"],
		[{ replicas: "3" }, "/replicas must be integer"],
		[{ replicas: 0 }, "/replicas must be >= 1"],
		[{ image: { tag: 1.2 } }, "/image/tag must be string"],
		[{ image: { pullPolicy: "always" } }, "/image/pullPolicy must be equal to one of the allowed values"],
		[{ imagePullSecrets: ["registry"] }, "/imagePullSecrets/0 must be object"],
		[{ imagePullSecrets: [{}] }, "/imagePullSecrets/0 must have required property 'name'"],
		[{ config: { listen: {} } }, "/config property name must be valid: listen"],
		[{ config: { upstream: {} } }, "/config property name must be valid: upstream"],
		[{ secrets: { redis: "Redis_Secret" } }, "/secrets/redis must match pattern"],
		[{ secrets: { password: "x" } }, "/secrets must NOT have additional properties: password"],
		[{ service: { type: "ExternalName" } }, "/service/type must be equal to one of the allowed values"],
		[{ service: { annotations: { a: true } } }, "/service/annotations/a must be string"],
		[
			{ service: { loadBalancerSourceRanges: ["198.51.100.7"] } },
			"/service/loadBalancerSourceRanges/0 must match pattern",
		],
		[{ resources: { requests: { memory: "256 MB" } } }, "/resources/requests/memory must match pattern"],
		[{ resources: { limit: {} } }, "/resources must NOT have additional properties: limit"],
		[{ persistence: { size: "2GB" } }, "/persistence/size must match pattern"],
		[{ persistence: { enabled: "no" } }, "/persistence/enabled must be boolean"],
		[
			{ podDisruptionBudget: { maxUnavailable: "a third" } },
			"/podDisruptionBudget/maxUnavailable must match pattern",
		],
		[{ networkPolicy: { egress: [53] } }, "/networkPolicy/egress/0 must be object"],
		[{ serviceMonitor: { interval: "15" } }, "/serviceMonitor/interval must match pattern"],
		[{ serviceMonitor: { labels: { a: 1 } } }, "/serviceMonitor/labels/a must be string"],
		[{ prometheusRule: { groups: [{ rules: [] }] } }, "/prometheusRule/groups/0 must have required"],
		[{ nodeSelector: { gpu: true } }, "/nodeSelector/gpu must be string"],
		[{ tolerations: ["Exists"] }, "/tolerations/0 must be object"],
		[{ affinity: { nodeAffinty: {} } }, "/affinity must NOT have additional properties: nodeAffinty"],
		[{ topologyKeys: [""] }, "/topologyKeys/0 must NOT have fewer than 1 characters"],
		[{ podAnnotations: { a: 1 } }, "/podAnnotations/a must be string"],
		[{ terminationGracePeriodSeconds: 5 }, "/terminationGracePeriodSeconds must be >= 10"],
	] as const) {
		const said = refusedValues(values);
		t.ok(
			said.some((one) => one.startsWith(expected)),
			`${JSON.stringify(values)}: ${said.join("; ")}`,
		);
	}
});

test("a test with Kubernetes' schemas can fail", async (t) => {
	const ports = [{ name: "dns", port: 53, protocol: "UDP" }];
	const service = (name: string, spec: object, over: object = {}): Resource => ({
		apiVersion: "v1",
		kind: "Service",
		metadata: { name },
		spec: { clusterIP: "None", ports, ...spec },
		...over,
	});
	const said = refusals([
		service("good", {}),
		service("version", {}, { apiVersion: "v2" }),
		service("field", { clusterIp: "None" }),
		service("value", { ports: [{ port: "dns" }] }),
		service("deep", { ports: [{ port: 53, protcol: "UDP" }] }),
		service("label", {}, { metadata: { name: "label", label: {} } }),
	]);
	for (const [name, expected] of [
		["version", /there is no Service in v2/],
		["field", /'"clusterIp"' does not exist in type 'IServiceSpec'/],
		["value", /data\/spec\/ports\/0\/port must be integer/],
		["deep", /protcol/],
		["label", /'"label"' does not exist in type 'IObjectMeta'/],
	] as const)
		t.match(said.filter((one) => one.startsWith(`Service ${name}: `)).join("\n"), expected);
	t.same(
		said.filter((one) => one.startsWith("Service good: ")),
		[],
	);
});
