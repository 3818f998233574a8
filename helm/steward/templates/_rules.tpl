{{/* What the schema cannot say: values that need each other. Each broken rule is a sentence, and nothing is installed. */}}
{{- define "steward.rules" -}}
{{- $v := .Values -}}
{{- if not $v.trial.enabled -}}
{{- if not $v.apiKey.existingSecret }}{{ fail "apiKey.existingSecret is empty; it must name the Secret with the key clients send (or set trial.enabled)." }}{{ end -}}
{{- if not $v.kafka.bootstrapServers }}{{ fail "kafka.bootstrapServers is empty; it must be host:port of brokers, with commas between them (or set trial.enabled)." }}{{ end -}}
{{- if not $v.postgresql.host }}{{ fail "postgresql.host is empty; it must name the server of PostgreSQL (or set trial.enabled)." }}{{ end -}}
{{- if not $v.vault.existingSecret }}{{ fail "vault.existingSecret is empty; it must name the Secret with the key-encryption keys (or set trial.enabled)." }}{{ end -}}
{{- range $name := list "agentConfig" "sessionLog" "sandbox" "vaultProxy" -}}
{{- if not (or $v.postgresql.existingSecret (get $v $name).postgresql.existingSecret) }}{{ fail (printf "postgresql.existingSecret and %s.postgresql.existingSecret are empty; one of them must name the Secret with user and password (or set trial.enabled)." $name) }}{{ end -}}
{{- end -}}
{{- if not (or $v.blobs.s3.bucket $v.blobs.volume.existingClaim $v.blobs.volume.create) }}{{ fail "blobs: one of s3.bucket, volume.existingClaim and volume.create must be set; all services share one blob store." }}{{ end -}}
{{- end -}}
{{- if and $v.trial.enabled (or $v.kafka.bootstrapServers $v.postgresql.host) }}{{ fail "trial.enabled brings its own Kafka and PostgreSQL, but kafka.bootstrapServers or postgresql.host is set; leave them empty or set trial.enabled to false." }}{{ end -}}
{{- if and $v.models.catalog $v.models.existingConfigMap }}{{ fail "models.catalog and models.existingConfigMap are both set; only one of them can be the file of models." }}{{ end -}}
{{- range $name := list "agentConfig" "sessionLog" "harness" "sandbox" "vaultProxy" -}}
{{- $s := get $v $name -}}
{{- if and $s.autoscaling.enabled (gt (int $s.autoscaling.min) (int $s.autoscaling.max)) }}{{ fail (printf "%s.autoscaling.min is %d and max is %d; min must not be above max." $name (int $s.autoscaling.min) (int $s.autoscaling.max)) }}{{ end -}}
{{- $least := ternary $s.autoscaling.min $s.replicas $s.autoscaling.enabled -}}
{{- if and (gt (int $s.minAvailable) 0) (ge (int $s.minAvailable) (int $least)) }}{{ fail (printf "%s.minAvailable is %d, but there may be only %d pods; it must be below, or no node can be drained (0 for no budget)." $name (int $s.minAvailable) (int $least)) }}{{ end -}}
{{- end -}}
{{- if gt (int (ternary $v.harness.autoscaling.max $v.harness.replicas $v.harness.autoscaling.enabled)) (int $v.kafka.partitions) }}{{ fail (printf "harness has up to %d pods, but kafka.partitions is %d; a pod above it would have nothing to do." (int (ternary $v.harness.autoscaling.max $v.harness.replicas $v.harness.autoscaling.enabled)) (int $v.kafka.partitions)) }}{{ end -}}
{{- if eq (include "steward.sandboxNamespace" .) .Release.Namespace }}{{ fail "sandboxes.namespace.name is the namespace of the release; sandboxes must have one of their own." }}{{ end -}}
{{- end -}}
