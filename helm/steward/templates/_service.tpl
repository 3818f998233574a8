{{/* The Service of a component. Context: root, component, headless. */}}
{{- define "steward.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "steward.fullname" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "steward.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  type: ClusterIP
  {{- if .headless }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "steward.selector" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  ports:
    - {name: http, port: 80, targetPort: http}
{{- end -}}
