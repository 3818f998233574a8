{{/* A variable out of a Secret. Context: name, secret, key. */}}
{{- define "steward.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{ end -}}

{{/* What all services are told. */}}
{{- define "steward.commonEnv" -}}
- name: QUARKUS_HTTP_HOST
  value: 0.0.0.0
- name: QUARKUS_HTTP_PORT
  value: "8080"
- name: STEWARD_LOG_JSON
  value: {{ .Values.logging.json | quote }}
{{ include "steward.kafkaEnv" . -}}
{{ include "steward.tracingEnv" . -}}
{{ include "steward.blobEnv" . -}}
{{- end -}}

{{/* Nothing without a collector. */}}
{{- define "steward.tracingEnv" -}}
{{- $tracing := .Values.tracing -}}
{{ if $tracing.endpoint -}}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $tracing.endpoint | quote }}
{{ if $tracing.sampler -}}
- name: OTEL_TRACES_SAMPLER
  value: {{ $tracing.sampler | quote }}
{{ end -}}
{{ if $tracing.samplerArg -}}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $tracing.samplerArg | quote }}
{{ end -}}
{{ if $tracing.headers.existingSecret -}}
{{ include "steward.secretEnv" (dict "name" "OTEL_EXPORTER_OTLP_HEADERS" "secret" $tracing.headers.existingSecret "key" $tracing.headers.key) -}}
{{ end -}}
- name: STEWARD_TRACE_CONTENT
  value: {{ $tracing.content | quote }}
{{ end -}}
{{- end -}}

{{- define "steward.kafkaEnv" -}}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ include "steward.kafka" . | quote }}
{{ if .Values.kafka.client.existingSecret -}}
- name: STEWARD_KAFKA_CONFIG
  value: /etc/steward/kafka/{{ .Values.kafka.client.key }}
{{ end -}}
{{- end -}}

{{- define "steward.blobEnv" -}}
{{- $s3 := .Values.blobs.s3 -}}
{{ if $s3.bucket -}}
- name: STEWARD_BLOB_S3_BUCKET
  value: {{ $s3.bucket | quote }}
{{ if $s3.prefix -}}
- name: STEWARD_BLOB_S3_PREFIX
  value: {{ $s3.prefix | quote }}
{{ end -}}
{{ if $s3.region -}}
- name: STEWARD_BLOB_S3_REGION
  value: {{ $s3.region | quote }}
{{ end -}}
{{ if $s3.endpoint -}}
- name: STEWARD_BLOB_S3_ENDPOINT
  value: {{ $s3.endpoint | quote }}
{{ end -}}
- name: STEWARD_BLOB_S3_PATH_STYLE
  value: {{ $s3.pathStyle | quote }}
{{ if $s3.existingSecret -}}
{{ include "steward.secretEnv" (dict "name" "AWS_ACCESS_KEY_ID" "secret" $s3.existingSecret "key" $s3.accessKeyIdKey) -}}
{{ include "steward.secretEnv" (dict "name" "AWS_SECRET_ACCESS_KEY" "secret" $s3.existingSecret "key" $s3.secretAccessKeyKey) -}}
{{ end -}}
{{- else -}}
- name: STEWARD_BLOB_DIR
  value: /var/lib/steward/blobs
{{ end -}}
{{- end -}}

{{/* PostgreSQL. Context: root, service (its values), reactive. */}}
{{- define "steward.databaseEnv" -}}
{{- $secret := default .root.Values.postgresql.existingSecret .service.postgresql.existingSecret -}}
{{- if .root.Values.trial.enabled }}{{ $secret = default (include "steward.trialSecret" .root) $secret }}{{ end -}}
- name: QUARKUS_DATASOURCE_JDBC_URL
  value: {{ printf "jdbc:postgresql://%s" (include "steward.postgresql" .root) | quote }}
{{ if .reactive -}}
- name: QUARKUS_DATASOURCE_REACTIVE_URL
  value: {{ printf "postgresql://%s" (include "steward.postgresql" .root) | quote }}
{{ end -}}
{{ include "steward.secretEnv" (dict "name" "QUARKUS_DATASOURCE_USERNAME" "secret" $secret "key" .root.Values.postgresql.usernameKey) -}}
{{ include "steward.secretEnv" (dict "name" "QUARKUS_DATASOURCE_PASSWORD" "secret" $secret "key" .root.Values.postgresql.passwordKey) -}}
{{- end -}}

{{- define "steward.apiKeyEnv" -}}
{{- $secret := ternary (default (include "steward.trialSecret" .) .Values.apiKey.existingSecret) .Values.apiKey.existingSecret .Values.trial.enabled -}}
{{ include "steward.secretEnv" (dict "name" "STEWARD_API_KEY" "secret" $secret "key" .Values.apiKey.key) -}}
{{- end -}}

{{- define "steward.modelsEnv" -}}
{{ if include "steward.modelCatalog" . -}}
- name: STEWARD_MODELS
  value: /etc/steward/models/models.yaml
{{ end -}}
{{- end -}}

{{/* A stopping edge stays up until nobody sends it anything new, then ends what runs. */}}
{{- define "steward.edgeEnv" -}}
- name: QUARKUS_SHUTDOWN_DELAY
  value: 5s
- name: QUARKUS_SHUTDOWN_TIMEOUT
  value: 10s
{{ end -}}

{{/* Settings that are given only when the operator has a wish. Context: a dict of names and texts. */}}
{{- define "steward.wishes" -}}
{{ range $name := keys . | sortAlpha -}}
{{ with get $ $name -}}
- name: {{ $name }}
  value: {{ . | toString | quote }}
{{ end -}}
{{ end -}}
{{- end -}}
