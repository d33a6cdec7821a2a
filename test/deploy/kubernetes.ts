/** Objects of Kubernetes and of the Prometheus Operator, held against their OpenAPI schemas. */
import {
	PrometheusRule,
	ServiceMonitor,
} from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { StatefulSet } from "kubernetes-models/apps/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { ConfigMap, Service } from "kubernetes-models/v1";
import { type Claim, complaints } from "./typed.ts";

export interface Resource {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: { readonly name: string; readonly namespace?: string };
	readonly spec?: unknown;
}

interface Model {
	new (data: never): { validate(): void };
}

const MODELS: Readonly<Record<string, Model>> = {
	"v1 ConfigMap": ConfigMap,
	"v1 Service": Service,
	"apps/v1 StatefulSet": StatefulSet,
	"policy/v1 PodDisruptionBudget": PodDisruptionBudget,
	"networking.k8s.io/v1 NetworkPolicy": NetworkPolicy,
	"monitoring.coreos.com/v1 ServiceMonitor": ServiceMonitor,
	"monitoring.coreos.com/v1 PrometheusRule": PrometheusRule,
};

function claimOf(resource: Resource): Claim {
	const { apiVersion, kind, metadata } = resource;
	const of = apiVersion.startsWith("monitoring.coreos.com/")
		? "@kubernetes-models/prometheus-operator"
		: "kubernetes-models";
	const name = `${kind} ${metadata.name}`;
	return { name, module: `${of}/${apiVersion}`, type: `I${kind}`, value: resource };
}

/** The schema says what values have to be like; it lets unknown fields pass, which the types do not. */
export function refusals(resources: readonly Resource[]): string[] {
	const wrong = resources.flatMap((resource) => {
		const { apiVersion, kind, metadata } = resource;
		const model = MODELS[`${apiVersion} ${kind}`];
		if (model === undefined) return [`${kind} ${metadata.name}: there is no ${kind} in ${apiVersion}`];
		try {
			new model(resource as never).validate();
			return [];
		} catch (error) {
			return [`${kind} ${metadata.name}: ${(error as Error).message}`];
		}
	});
	const known = resources.filter(({ apiVersion, kind }) => `${apiVersion} ${kind}` in MODELS);
	return [...wrong, ...complaints(known.map(claimOf))];
}
