/** The chart, rendered by Helm's engine; what comes out hangs together, and Cordon takes its configuration. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import { parseAllDocuments } from "yaml";
import { repository } from "../bench/results.ts";
import { CHART, FULL, SETS } from "./chart-values.ts";
import { cordonWords } from "./installed.ts";
import { refusals } from "./kubernetes.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever a template makes
type Rendered = any;

const directory = mkdtempSync(join(tmpdir(), "cordon-chart-"));
const renderer = join(directory, "render");

function run(file: string, ...words: string[]) {
	const { status, stdout, stderr } = spawnSync(file, words, {
		encoding: "utf8",
		env: {
			...process.env,
			GO111MODULE: "off",
			// Where Debian has the packages.
			GOPATH: "/usr/share/gocode",
			GOCACHE: join(directory, "cache"),
		},
	});
	return { code: status, output: stdout ?? "", complaints: stderr ?? "" };
}

function render(values: object): Map<string, Rendered> {
	const path = join(directory, "values.yaml");
	writeFileSync(path, JSON.stringify(values));
	const { code, output, complaints } = run(renderer, CHART, "dns", "resolvers", path);
	if (code !== 0) throw new Error(complaints);
	const resources = new Map<string, Rendered>();
	for (const document of parseAllDocuments(output, { version: "1.1" })) {
		if (document.errors.length > 0) throw document.errors[0];
		const resource = document.toJS();
		if (resource !== null) resources.set(`${resource.kind} ${resource.metadata.name}`, resource);
	}
	return resources;
}

test("the chart", async (t) => {
	t.teardown(() => rmSync(directory, { recursive: true }));
	const built = run("go", "build", "-o", renderer, join(repository(), "test/deploy/render.go"));
	t.equal(built.code, 0, built.complaints);

	for (const [name, values] of SETS) {
		const resources = render(values);
		t.same(refusals([...resources.values()]), [], `${name}: Kubernetes takes it`);
		const of = (kind: string): Rendered =>
			[...resources.values()].find((one) => one.kind === kind && one.metadata.name === "dns-cordon");
		const set = of("StatefulSet").spec;
		const pod = set.template.spec;
		const [container] = pod.containers;
		const labels = set.template.metadata.labels;
		for (const resource of resources.values()) {
			t.equal(resource.metadata.namespace, "resolvers", `${name}: ${resource.kind} names its namespace`);
			t.match(resource.metadata.name, /^[a-z0-9-]{1,63}$/);
		}

		const policies = [...resources.values()].filter((one) => one.kind === "NetworkPolicy");
		t.equal(policies.length, (values.networkPolicy as Rendered)?.enabled === false ? 0 : 1);
		// Whoever selects this pod, does.
		const selectors = [
			set.selector.matchLabels,
			of("PodDisruptionBudget").spec.selector.matchLabels,
			...policies.map((one) => one.spec.podSelector.matchLabels),
			of("Service").spec.selector,
			...(pod.topologySpreadConstraints ?? []).map((one: Rendered) => one.labelSelector.matchLabels),
		];
		for (const selector of selectors) t.match(labels, selector, `${name}: a selector finds the pod`);

		const ports = new Map<string, Rendered>(container.ports.map((one: Rendered) => [one.name, one]));
		t.same(
			of("Service").spec.ports.map((one: Rendered) => [
				one.port,
				one.protocol,
				ports.get(one.targetPort)?.protocol,
			]),
			[
				[53, "UDP", "UDP"],
				[53, "TCP", "TCP"],
			],
			`${name}: UDP and TCP on one address`,
		);
		for (const [probe, path] of [
			["startupProbe", "/healthz"],
			["livenessProbe", "/healthz"],
			["readinessProbe", "/readyz"],
		])
			t.match(container[probe].httpGet, { path, port: "admin" });

		t.match(pod.securityContext, {
			runAsNonRoot: true,
			runAsUser: 10053,
			seccompProfile: { type: "RuntimeDefault" },
		});
		t.same(container.securityContext, {
			allowPrivilegeEscalation: false,
			readOnlyRootFilesystem: true,
			capabilities: { drop: ["ALL"] },
		});
		const volumes = [
			...(pod.volumes ?? []),
			...(set.volumeClaimTemplates ?? []).map((one: Rendered) => one.metadata),
		];
		t.same(
			container.volumeMounts.map((one: Rendered) => one.name).sort(),
			volumes.map((one: Rendered) => one.name).sort(),
			`${name}: each volume is mounted`,
		);

		// The configuration, with its secrets where this machine has them.
		writeFileSync(join(directory, "password"), "secret\n", { mode: 0o600 });
		writeFileSync(join(directory, "secret"), "000102030405060708090a0b0c0d0e0f\n", { mode: 0o600 });
		const config = join(directory, "cordon.yaml");
		const text = of("ConfigMap").data["cordon.yaml"] as string;
		writeFileSync(
			config,
			text
				.replaceAll(/\/etc\/cordon-secrets\/(?:redis|cookie)/g, directory)
				.replace("/var/lib/cordon", directory),
		);
		const [file, ...words] = cordonWords("check", "--config", config);
		t.match(run(file, ...words).output, /no faults/, text);
		t.match(text, "dns-cordon-admin.resolvers.svc", `${name}: Prometheus may ask by the service's name`);
	}
	t.equal(render(FULL).get("ServiceMonitor dns-cordon").metadata.labels.release, "prometheus");
	t.throws(
		() => render({ prometheusRule: { enabled: true } }),
		/prometheusRule\.groups/,
		"rules have to be given",
	);
});
