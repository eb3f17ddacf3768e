{{/* What every pod of ours has: no privileges, no token, nothing that says who else is in the namespace. */}}
{{- define "billing.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "billing.containerSecurity" -}}
image: {{ include "billing.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Memory is reserved whole, so that no neighbour can take it; the processor is shared by weight. */}}
{{- define "billing.resources" -}}
requests:
  cpu: {{ .cpu }}
  memory: {{ .memory }}
  ephemeral-storage: {{ .temporary }}
limits:
  memory: {{ .memory }}
  ephemeral-storage: {{ .temporary }}
{{- end -}}

{{/* Waits until the schema is what this image expects; never migrates. Takes (dict "root" $ "service" …). */}}
{{- define "billing.waitForSchema" -}}
- name: schema
  {{- include "billing.containerSecurity" .root | nindent 2 }}
  args: [migrate, --check, --wait-seconds={{ .root.Values.migrations.waitSeconds }}, {{ .service | replace "-" "_" }}]
  env:
    {{- include "billing.postgresAddress" (dict "root" .root "service" .service "login" "api" "name" "POSTGRES_DSN") | nindent 4 }}
  resources:
    {{- include "billing.resources" .root.Values.migrations.resources | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
{{- end -}}

{{- define "billing.spread" -}}
{{- $workload := .workload -}}
{{- $root := .root -}}
{{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: {{ $workload.values.spread.whenUnsatisfiable }}
  labelSelector:
    matchLabels:
      {{- include "billing.selector" (dict "root" $root "component" $workload.name) | nindent 6 }}
  # Pods of a new version spread among themselves, not around those that they replace.
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}

{{- define "billing.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
{{- toYaml .probe | nindent 0 }}
{{- end -}}
