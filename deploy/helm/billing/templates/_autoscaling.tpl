{{/* For what answers requests: by the processor. */}}
{{- define "billing.podAutoscaler" -}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "billing.fullname" .root }}-{{ .workload.name }}
  labels:
    {{- include "billing.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "billing.fullname" .root }}-{{ .workload.name }}
  minReplicas: {{ .scaling.minReplicas }}
  maxReplicas: {{ .scaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .scaling.cpuPercent }}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 0
      policies:
        - type: Percent
          value: 100
          periodSeconds: 30
    scaleDown:
      stabilizationWindowSeconds: 300
      policies:
        - type: Pods
          value: 1
          periodSeconds: 60
{{- end -}}

{{/* For what hears events: by their number that waits, and by the age of the oldest. */}}
{{- define "billing.scaledObject" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $kafka := $values.kafka -}}
{{- $workload := .workload -}}
{{- $lag := .scaling.lag -}}
{{- $isProtected := or $kafka.tls.enabled (ne $kafka.authentication "none") -}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ include "billing.fullname" .root }}-{{ $workload.name }}
  labels:
    {{- include "billing.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "billing.fullname" .root }}-{{ $workload.name }}
  minReplicaCount: {{ .scaling.minReplicas }}
  maxReplicaCount: {{ .scaling.maxReplicas }}
  pollingInterval: {{ $values.autoscaling.pollingSeconds }}
  fallback:
    failureThreshold: 3
    replicas: {{ min (int $values.autoscaling.fallbackReplicas) (int .scaling.maxReplicas) }}
    behavior: currentReplicasIfHigher
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        {{- include "billing.steps" $values.autoscaling.steps | nindent 8 }}
  triggers:
    {{- range $topic := $lag.topics }}
    - type: kafka
      name: {{ $topic | replace "." "-" | replace "_" "-" }}
      metadata:
        bootstrapServers: {{ $kafka.bootstrapServers | quote }}
        consumerGroup: {{ $workload.service }}
        # Named, since a trigger for the whole group can stay at nothing for ever.
        topic: {{ $topic }}
        lagThreshold: {{ $lag.threshold | int | quote }}
        activationLagThreshold: "0"
        limitToPartitionsWithLag: "true"
        # A partition that a poison event holds up asks for no more pods.
        excludePersistentLag: "true"
        offsetResetPolicy: earliest
        {{- if $kafka.tls.enabled }}
        tls: enable
        {{- end }}
        {{- if eq $kafka.authentication "scram-sha-512" }}
        sasl: scram_sha512
        {{- end }}
      {{- if $isProtected }}
      authenticationRef:
        name: {{ include "billing.fullname" $root }}-{{ $workload.service }}-kafka
      {{- end }}
    {{- end }}
    {{- if $values.autoscaling.prometheusUrl }}
    {{- $age := printf "max(billing_consumer_oldest_seconds{namespace=%q,service=%q}) or vector(0)" $root.Release.Namespace ($workload.service | replace "-" "_") }}
    {{- include "billing.ageTrigger" (dict "url" $values.autoscaling.prometheusUrl "name" "event-age" "query" $age "seconds" $lag.ageSeconds) | nindent 4 }}
    {{- with $lag.dueDeliveriesSeconds }}
    {{- $due := printf "max(billing_webhook_oldest_due_age_seconds{namespace=%q}) or vector(0)" $root.Release.Namespace }}
    {{- include "billing.ageTrigger" (dict "url" $values.autoscaling.prometheusUrl "name" "due-deliveries-age" "query" $due "seconds" .) | nindent 4 }}
    {{- end }}
    {{- end }}
{{- end -}}

{{- define "billing.ageTrigger" -}}
- type: prometheus
  name: {{ .name }}
  # The value as it is: an age does not shrink by being divided among pods.
  metricType: Value
  metadata:
    serverAddress: {{ .url | quote }}
    query: {{ .query | quote }}
    threshold: {{ .seconds | int | quote }}
    ignoreNullValues: "true"
{{- end -}}

{{- define "billing.steps" -}}
scaleUp:
  stabilizationWindowSeconds: {{ .upStabilisationSeconds }}
  policies:
    - type: Pods
      value: {{ .upPods }}
      periodSeconds: {{ .upPeriodSeconds }}
scaleDown:
  stabilizationWindowSeconds: {{ .downStabilisationSeconds }}
  policies:
    - type: Pods
      value: {{ .downPods }}
      periodSeconds: {{ .downPeriodSeconds }}
{{- end -}}

{{/* KEDA signs in as the service whose events it counts. */}}
{{- define "billing.triggerAuthentication" -}}
{{- $kafka := .root.Values.kafka -}}
{{- $user := printf "%s%s" $kafka.userSecretPrefix .service -}}
{{- $isSigned := eq $kafka.authentication "scram-sha-512" -}}
---
{{- if $isSigned }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "billing.fullname" .root }}-{{ .service }}-kafka-user
  labels:
    {{- include "billing.labels" (dict "root" .root "component" .service) | nindent 4 }}
type: Opaque
stringData:
  username: {{ $user }}
---
{{- end }}
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  name: {{ include "billing.fullname" .root }}-{{ .service }}-kafka
  labels:
    {{- include "billing.labels" (dict "root" .root "component" .service) | nindent 4 }}
spec:
  secretTargetRef:
    {{- if $isSigned }}
    - parameter: username
      name: {{ include "billing.fullname" .root }}-{{ .service }}-kafka-user
      key: username
    - parameter: password
      name: {{ $user }}
      key: password
    {{- end }}
    {{- if $kafka.tls.enabled }}
    - parameter: ca
      name: {{ $kafka.tls.caSecret }}
      key: {{ $kafka.tls.caKey }}
    {{- end }}
    {{- if eq $kafka.authentication "tls" }}
    - parameter: cert
      name: {{ $user }}
      key: user.crt
    - parameter: key
      name: {{ $user }}
      key: user.key
    {{- end }}
{{- end -}}
