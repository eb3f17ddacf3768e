{{/* The beginning of every object's name: the release, and the chart where the release is called otherwise. */}}
{{- define "billing.fullname" -}}
{{- $chart := default .Chart.Name .Values.nameOverride -}}
{{- $own := ternary .Release.Name (printf "%s-%s" .Release.Name $chart) (contains $chart .Release.Name) -}}
{{- default $own .Values.fullnameOverride | trunc 30 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels that never change in the life of a release. Takes (dict "root" $ "component" name). */}}
{{- define "billing.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* All labels of an object. Takes (dict "root" $ "component" name). */}}
{{- define "billing.labels" -}}
{{ include "billing.selector" . }}
app.kubernetes.io/part-of: billing
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "billing.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default .Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{/* What the services read from their environment, generated from their settings classes. */}}
{{- define "billing.known" -}}
{{ .Files.Get "files/settings.yaml" }}
{{- end -}}

{{/*
The workloads of this release, by name: their service, their role, and their values over the defaults.
With the layout `together` one process does all that a service does.
*/}}
{{- define "billing.workloads" -}}
{{- $values := .Values -}}
{{- $all := dict -}}
{{- range $name, $own := $values.workloads -}}
{{- $role := $name | splitList "-" | last -}}
{{- $service := $name | trimSuffix (printf "-%s" $role) -}}
{{- if or (eq $values.layout "split") (eq $role "api") -}}
{{- $role = eq $values.layout "split" | ternary $role "all" -}}
{{- $settings := deepCopy $values.defaults.every -}}
{{- $settings = mustMergeOverwrite $settings (deepCopy (index $values.defaults $role)) (deepCopy $own) -}}
{{- if eq $role "all" -}}
{{- $_ := set $settings "autoscaling" (mustMergeOverwrite $settings.autoscaling (deepCopy $values.defaults.all.autoscaling)) -}}
{{- end -}}
{{- $shown := eq $role "all" | ternary $service $name -}}
{{- $_ := set $all $shown (dict "name" $shown "service" $service "role" $role "values" $settings) -}}
{{- end -}}
{{- end -}}
{{ toYaml $all }}
{{- end -}}

{{/* The fewest replicas that a workload can have. Takes its values. */}}
{{- define "billing.replicas" -}}
{{- .autoscaling.enabled | ternary .autoscaling.minReplicas .replicas -}}
{{- end -}}

{{/* Seconds that the process has for open work: what is left of the grace after the pause and, with workers, Kafka's part. */}}
{{- define "billing.gracefulSeconds" -}}
{{- $left := sub (sub .values.graceSeconds .values.preStopSeconds) 10 -}}
{{- if eq .role "worker" -}}{{- $left = sub $left 25 -}}{{- end -}}
{{- if eq .role "all" -}}{{- $left = div (sub $left 25) 2 -}}{{- end -}}
{{- if lt (int64 $left) 5 -}}
{{- fail (printf "workloads: %s: graceSeconds %v leaves no time for open work" .name .values.graceSeconds) -}}
{{- end -}}
{{ $left }}
{{- end -}}
