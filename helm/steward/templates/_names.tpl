{{/* The prefix of all names: the release, with `steward` in it. */}}
{{- define "steward.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains "steward" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-steward" (.Release.Name | trunc 32 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{/* Labels of everything. A component is added by who has one. */}}
{{- define "steward.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: steward
{{ include "steward.selector" . }}
{{- end -}}

{{- define "steward.selector" -}}
app.kubernetes.io/name: steward
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The image of `component`. Context: root, component. */}}
{{- define "steward.image" -}}
{{- $image := .root.Values.image -}}
{{- $prefix := ternary "" (printf "%s/" (trimSuffix "/" $image.registry)) (empty $image.registry) -}}
{{- printf "%s%s/%s:%s" $prefix $image.repository .component (default .root.Chart.AppVersion $image.tag) -}}
{{- end -}}

{{- define "steward.sandboxNamespace" -}}
{{- default (printf "%s-sandboxes" (default "steward" .Release.Namespace)) .Values.sandboxes.namespace.name -}}
{{- end -}}

{{/* The claim with the blobs, or nothing when they are in S3. */}}
{{- define "steward.blobClaim" -}}
{{- if not .Values.blobs.s3.bucket -}}
{{- default (printf "%s-blobs" (include "steward.fullname" .)) .Values.blobs.volume.existingClaim -}}
{{- end -}}
{{- end -}}

{{- define "steward.modelCatalog" -}}
{{- if .Values.models.existingConfigMap -}}
{{- .Values.models.existingConfigMap -}}
{{- else if .Values.models.catalog -}}
{{- include "steward.fullname" . }}-models
{{- end -}}
{{- end -}}

{{- define "steward.kafka" -}}
{{- if .Values.trial.enabled -}}
{{- include "steward.fullname" . }}-trial-kafka:9092
{{- else -}}
{{- .Values.kafka.bootstrapServers -}}
{{- end -}}
{{- end -}}

{{/* host:port/database?parameters of PostgreSQL. */}}
{{- define "steward.postgresql" -}}
{{- if .Values.trial.enabled -}}
{{- include "steward.fullname" . }}-trial-postgresql:5432/steward
{{- else -}}
{{- $database := .Values.postgresql -}}
{{- printf "%s:%d/%s" $database.host (int $database.port) $database.database -}}
{{- range $index, $name := keys $database.parameters | sortAlpha -}}
{{- printf "%s%s=%s" (ternary "?" "&" (eq $index 0)) $name (get $database.parameters $name | toString | urlquery) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secret of the trial, which stands for each one that is not named. */}}
{{- define "steward.trialSecret" -}}
{{- include "steward.fullname" . }}-trial
{{- end -}}

{{/* Where sandboxes find the egress proxy, host:port. */}}
{{- define "steward.egressProxy" -}}
{{- if .Values.sandboxes.egressProxy -}}
{{- .Values.sandboxes.egressProxy -}}
{{- else if .Values.vaultProxy.egressClusterIP -}}
{{- .Values.vaultProxy.egressClusterIP }}:3128
{{- else -}}
{{- include "steward.fullname" . }}-egress.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:3128
{{- end -}}
{{- end -}}
