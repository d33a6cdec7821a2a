{{- define "cordon.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "cordon.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cordon.labels" -}}
{{ include "cordon.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The configuration of the values, with what the chart decides on top. */}}
{{- define "cordon.config" -}}
{{- $listen := dict "dns" (list "0.0.0.0:5300" "[::]:5300") "admin" "0.0.0.0:8053" "adminHosts" (list (include "cordon.name" .) (printf "%s-admin" (include "cordon.name" .)) (printf "%s-admin.%s" (include "cordon.name" .) .Release.Namespace) (printf "%s-admin.%s.svc" (include "cordon.name" .) .Release.Namespace)) }}
{{- if .Values.secrets.cookie }}{{ $_ := set $listen "cookies" (dict "secretFile" "/etc/cordon-secrets/cookie/secret") }}{{ end }}
{{- $own := dict "listen" $listen "dataDir" "/var/lib/cordon" }}
{{- if .Values.secrets.redis }}{{ $_ := set $own "pool" (dict "redis" (dict "passwordFile" "/etc/cordon-secrets/redis/password")) }}{{ end }}
{{- mergeOverwrite (deepCopy .Values.config) $own | toYaml }}
{{- end }}
