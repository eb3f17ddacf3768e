{{/*
Every environment variable of a service's container, each name once: what the chart knows, what lies in
Secrets, and the settings of the values, which may name nothing of the former.
Takes (dict "root" $ "workload" …).
*/}}
{{- define "billing.environment" -}}
{{- $root := .root -}}
{{- $workload := .workload -}}
{{- $values := $root.Values -}}
{{- $known := index (include "billing.known" $root | fromYaml) $workload.service -}}
{{- $hasWorkers := ne $workload.role "api" -}}
- name: PORT
  value: "8000"
- name: METRICS_PORT
  value: "9000"
- name: GRACEFUL_TIMEOUT_SECONDS
  value: {{ include "billing.gracefulSeconds" $workload | quote }}
{{- if $known.publicUrl }}
- name: PUBLIC_BASE_URL
  value: {{ $values.publicUrl | quote }}
{{- end }}
{{- range $service := $known.calls }}
- name: {{ printf "%s_URL" $service | upper | replace "-" "_" }}
  value: http://{{ include "billing.fullname" $root }}-{{ $service }}.{{ $root.Release.Namespace }}.svc.{{ $values.clusterDomain }}:8000
{{- end }}
{{- range $login := $known.logins }}
{{ include "billing.postgresAddress" (dict "root" $root "service" $workload.service "login" $login "name" (printf "POSTGRES_%s_DSN" (upper $login))) }}
{{- end }}
{{- range $secret := $known.secrets }}
- name: {{ $secret.name }}
  valueFrom:
    secretKeyRef:
      name: {{ index $values.secrets ($secret.shared | ternary "shared" $workload.service) }}
      key: {{ $secret.name }}
      {{- if not $secret.required }}
      optional: true
      {{- end }}
{{- end }}
{{- if $hasWorkers }}
{{ include "billing.kafkaEnvironment" (dict "root" $root "service" $workload.service) }}
{{- end }}
{{- $settings := mustMergeOverwrite (deepCopy $values.settings.every) (deepCopy (index $values.settings $workload.service)) }}
{{- range $name, $value := $settings }}
- name: {{ upper $name }}
  value: {{ include "billing.text" $value | quote }}
{{- end }}
{{- if $hasWorkers }}
{{- range $name, $value := $values.settings.kafka }}
- name: {{ printf "KAFKA_%s" (upper $name) }}
  value: {{ include "billing.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A value of YAML as text, lists and maps as JSON; numbers come as floats and would read 1e+06. */}}
{{- define "billing.text" -}}
{{- if or (kindIs "slice" .) (kindIs "map" .) -}}
{{- toJson . -}}
{{- else if kindIs "float64" . -}}
{{- eq . (floor .) | ternary (printf "%.0f" .) (toString .) -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{/*
A login to Postgres: whole from the service's Secret, or put together from the basic-auth Secret of its role.
Takes (dict "root" $ "service" … "login" "api" "name" "POSTGRES_API_DSN").
*/}}
{{- define "billing.postgresAddress" -}}
{{- $postgres := .root.Values.postgres -}}
{{- if eq $postgres.credentials "addresses" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ index .root.Values.secrets .service }}
      key: POSTGRES_{{ upper .login }}_DSN
{{- else -}}
{{- $password := printf "%s_PASSWORD" (trimSuffix "_DSN" .name) -}}
- name: {{ $password }}
  valueFrom:
    secretKeyRef:
      name: {{ $postgres.roleSecretPrefix }}{{ .service }}-{{ .login }}
      key: password
- name: {{ .name }}
  value: postgresql://{{ .service | replace "-" "_" }}_{{ .login }}:$({{ $password }})@{{ $postgres.host }}:{{ $postgres.port }}/{{ $postgres.database }}{{ with $postgres.parameters }}?{{ . }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "billing.kafkaEnvironment" -}}
{{- $kafka := .root.Values.kafka -}}
{{- $user := printf "%s%s" $kafka.userSecretPrefix .service -}}
{{- $isSigned := eq $kafka.authentication "scram-sha-512" -}}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ $kafka.bootstrapServers | quote }}
- name: KAFKA_SECURITY_PROTOCOL
  value: {{ printf "%s%s" ($isSigned | ternary "SASL_" "") ($kafka.tls.enabled | ternary "SSL" "PLAINTEXT") }}
{{- if $kafka.tls.enabled }}
- name: KAFKA_SSL_CA_FILE
  value: /etc/billing/kafka-ca/ca.crt
{{- end }}
{{- if eq $kafka.authentication "tls" }}
- name: KAFKA_SSL_CERTIFICATE_FILE
  value: /etc/billing/kafka-user/user.crt
- name: KAFKA_SSL_KEY_FILE
  value: /etc/billing/kafka-user/user.key
{{- end }}
{{- if $isSigned }}
- name: KAFKA_SASL_MECHANISM
  value: SCRAM-SHA-512
- name: KAFKA_SASL_USERNAME
  value: {{ $user }}
- name: KAFKA_SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $user }}
      key: password
{{- end }}
{{- end -}}

{{/* Certificates for Kafka as volumes, and where they are mounted. Take (dict "root" $ "service" …). */}}
{{- define "billing.kafkaVolumes" -}}
{{- $kafka := .root.Values.kafka -}}
{{- if $kafka.tls.enabled }}
- name: kafka-ca
  secret:
    secretName: {{ $kafka.tls.caSecret }}
    items:
      - key: {{ $kafka.tls.caKey }}
        path: ca.crt
{{- end }}
{{- if eq $kafka.authentication "tls" }}
- name: kafka-user
  secret:
    secretName: {{ $kafka.userSecretPrefix }}{{ .service }}
    defaultMode: 0440
    items:
      - key: user.crt
        path: user.crt
      - key: user.key
        path: user.key
{{- end }}
{{- end -}}

{{- define "billing.kafkaMounts" -}}
{{- $kafka := .root.Values.kafka -}}
{{- if $kafka.tls.enabled }}
- name: kafka-ca
  mountPath: /etc/billing/kafka-ca
  readOnly: true
{{- end }}
{{- if eq $kafka.authentication "tls" }}
- name: kafka-user
  mountPath: /etc/billing/kafka-user
  readOnly: true
{{- end }}
{{- end -}}
