{{/*
The pod of a service.
Context: root, name (in values), component, env (text), mounts, volumes (lists, may be missing),
state (the volume at /var/lib/steward comes from a claim template), token, grace (seconds), ports (list).
*/}}
{{- define "steward.pod" -}}
{{- $root := .root -}}
{{- $service := get $root.Values .name -}}
{{- $fullname := include "steward.fullname" $root -}}
{{- $catalog := and (has .component (list "agent-config" "session-log" "harness")) (include "steward.modelCatalog" $root) -}}
metadata:
  labels:
    {{- include "steward.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    {{- with $service.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    {{- if and $catalog (not $root.Values.models.existingConfigMap) }}
    steward.io/models: {{ $root.Values.models.catalog | sha256sum | trunc 16 | quote }}
    {{- end }}
    {{- with $service.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
    kubectl.kubernetes.io/default-container: {{ .component }}
spec:
  serviceAccountName: {{ $fullname }}-{{ .component }}
  automountServiceAccountToken: {{ .token | default false }}
  # Variables of Services would look like settings: a Service steward-egress-proxy sets STEWARD_EGRESS_PROXY_PORT.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with $root.Values.hostAliases }}
  hostAliases: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $service.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $service.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $service.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with default (ternary (printf "%s-services" $fullname) "" $root.Values.priorityClass.create) $service.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $service.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- if $service.spread }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "steward.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $.component }}
    {{- end }}
  {{- end }}
  securityContext: {{- include "steward.podSecurity" (dict "user" 65532) | nindent 4 }}
  containers:
    - name: {{ .component }}
      image: {{ include "steward.image" . | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      securityContext: {{- include "steward.containerSecurity" . | nindent 8 }}
      ports:
        - name: http
          containerPort: 8080
        {{- with .ports }}{{ toYaml . | nindent 8 }}{{ end }}
      env:
        {{- $wished := list }}
        {{- range $service.extraEnv }}{{ $wished = append $wished .name }}{{ end }}
        {{- range concat (include "steward.commonEnv" $root | fromYamlArray) (.env | fromYamlArray) }}
        {{- if not (has .name $wished) }}
        {{- list . | toYaml | nindent 8 }}
        {{- end }}
        {{- end }}
        {{- with $service.extraEnv }}{{ toYaml . | nindent 8 }}{{ end }}
      startupProbe:
        httpGet: {path: /q/health/started, port: http}
        periodSeconds: 2
        timeoutSeconds: 5
        failureThreshold: 90
      livenessProbe:
        httpGet: {path: /q/health/live, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: /q/health/ready, port: http}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      resources: {{- toYaml $service.resources | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: state, mountPath: /var/lib/steward}
        {{- if include "steward.blobClaim" $root }}
        - {name: blobs, mountPath: /var/lib/steward/blobs}
        {{- end }}
        {{- if $catalog }}
        - {name: models, mountPath: /etc/steward/models, readOnly: true}
        {{- end }}
        {{- if $root.Values.kafka.client.existingSecret }}
        - {name: kafka, mountPath: /etc/steward/kafka, readOnly: true}
        {{- end }}
        {{- with .mounts }}{{ toYaml . | nindent 8 }}{{ end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: {{ $service.tmpSize }}}
    {{- if not .state }}
    - name: state
      emptyDir: {sizeLimit: {{ $service.stateSize }}}
    {{- end }}
    {{- with include "steward.blobClaim" $root }}
    - name: blobs
      persistentVolumeClaim: {claimName: {{ . }}}
    {{- end }}
    {{- if $catalog }}
    - name: models
      configMap: {name: {{ $catalog }}}
    {{- end }}
    {{- with $root.Values.kafka.client.existingSecret }}
    - name: kafka
      secret: {secretName: {{ . }}, defaultMode: 288}
    {{- end }}
    {{- with .volumes }}{{ toYaml . | nindent 4 }}{{ end }}
{{- end -}}

{{/* Context: user. */}}
{{- define "steward.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .user }}
fsGroup: {{ .user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "steward.containerSecurity" -}}
runAsNonRoot: true
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/*
What stands around a pod: the workload, its ServiceAccount, its PodDisruptionBudget, its autoscaler.
Context as above, and kind, text of the claim templates (claims).
*/}}
{{- define "steward.workload" -}}
{{- $root := .root -}}
{{- $service := get $root.Values .name -}}
{{- $name := printf "%s-%s" (include "steward.fullname" $root) .component -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "steward.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  {{- with $service.serviceAccountAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: {{ .kind }}
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "steward.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  {{- if not $service.autoscaling.enabled }}
  replicas: {{ $service.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "steward.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  {{- if eq .kind "StatefulSet" }}
  serviceName: {{ $name }}
  podManagementPolicy: Parallel
  updateStrategy: {type: RollingUpdate}
  {{- with .claims }}
  volumeClaimTemplates: {{- . | nindent 4 }}
  {{- end }}
  {{- else }}
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  {{- end }}
  template: {{- include "steward.pod" . | nindent 4 }}
{{- if gt (int $service.minAvailable) 0 }}
---
apiVersion: {{ semverCompare ">=1.21-0" $root.Capabilities.KubeVersion.Version | ternary "policy/v1" "policy/v1beta1" }}
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "steward.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  minAvailable: {{ $service.minAvailable }}
  selector:
    matchLabels:
      {{- include "steward.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
{{- end }}
{{- if $service.autoscaling.enabled }}
---
apiVersion: {{ semverCompare ">=1.23-0" $root.Capabilities.KubeVersion.Version | ternary "autoscaling/v2" "autoscaling/v2beta2" }}
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "steward.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: {{ .kind }}, name: {{ $name }}}
  minReplicas: {{ $service.autoscaling.min }}
  maxReplicas: {{ $service.autoscaling.max }}
  behavior:
    # One at a time: whoever goes gives its partitions or sandboxes to others.
    scaleDown:
      stabilizationWindowSeconds: 600
      policies: [{type: Pods, value: 1, periodSeconds: 120}]
  metrics:
    {{- if $service.autoscaling.modelCalls }}
    # While models are asked, nothing waits in the topics and the processors idle: lag and CPU say nothing.
    - type: Pods
      pods:
        metric:
          name: steward_harness_model_calls
          selector: {matchLabels: {state: running}}
        target: {type: AverageValue, averageValue: {{ $service.autoscaling.modelCalls | quote }}}
    {{- end }}
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ $service.autoscaling.cpu }}}
{{- end }}
{{- end -}}
