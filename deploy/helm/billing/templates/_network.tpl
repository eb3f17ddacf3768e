{{/* The workload that answers requests to a service. Takes (dict "root" $ "service" …). */}}
{{- define "billing.apiOf" -}}
{{ .service }}{{ eq .root.Values.layout "split" | ternary "-api" "" }}
{{- end -}}

{{/*
Whom a workload hears: the scraper on the port of its metrics, and on its own its callers; the gateway's API the
public side, too. Nobody else sees metrics, and the scraper nothing else.
*/}}
{{- define "billing.networkIngress" -}}
{{- $root := .root -}}
{{- $workload := .workload -}}
{{- $callers := list -}}
{{- if ne $workload.role "worker" -}}
{{- range $caller := .workloads -}}
{{- $calls := index $.known $caller.service "calls" -}}
{{- if has $workload.service $calls -}}{{- $callers = append $callers $caller.name -}}{{- end -}}
{{- end -}}
{{- if and (eq $workload.service "gateway") $root.Values.smokeTest.enabled -}}
{{- $callers = append $callers "smoke-test" -}}
{{- end -}}
{{- end -}}
- from:
    {{- toYaml $root.Values.networkPolicy.monitoringFrom | nindent 4 }}
  ports:
    - port: metrics
      protocol: TCP
{{- if ne $workload.role "worker" }}
{{- if or $callers (eq $workload.service "gateway") }}
- from:
    {{- if eq $workload.service "gateway" }}
    {{- toYaml $root.Values.networkPolicy.ingressFrom | nindent 4 }}
    {{- end }}
    {{- range $caller := $callers }}
    - podSelector:
        matchLabels:
          {{- include "billing.selector" (dict "root" $root "component" $caller) | nindent 10 }}
    {{- end }}
  ports:
    - port: http
      protocol: TCP
{{- end }}
{{- end }}
{{- end -}}

{{/* Whom a workload may speak to: what it needs inside, and the ways out that its service has. */}}
{{- define "billing.networkEgress" -}}
{{- $root := .root -}}
{{- $workload := .workload -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- include "billing.toDns" $policy }}
{{ include "billing.toPeers" $policy.postgres }}
{{- if ne $workload.role "api" }}
{{ include "billing.toPeers" $policy.kafka }}
{{- end }}
{{- if or $root.Values.settings.every.otel_exporter_otlp_endpoint (index $root.Values.settings $workload.service "otel_exporter_otlp_endpoint") }}
{{ include "billing.toPeers" $policy.tracing }}
{{- end }}
{{- range $service := index .known $workload.service "calls" }}
- to:
    - podSelector:
        matchLabels:
          {{- include "billing.selector" (dict "root" $root "component" (include "billing.apiOf" (dict "root" $root "service" $service))) | nindent 10 }}
  ports:
    - port: http
      protocol: TCP
{{- end }}
{{- range $name, $exit := $policy.exits }}
{{- if and $exit.enabled (include "billing.hasExit" (dict "exit" $name "workload" $workload)) }}
{{ include "billing.toOutside" $exit }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
Which workloads have which way out; nobody else has any. An API speaks to providers and endpoints, too: it asks
for a setup intent, it sends a test delivery.
*/}}
{{- define "billing.hasExit" -}}
{{- $service := .workload.service -}}
{{- $hasWorkers := ne .workload.role "api" -}}
{{- if or
  (and (eq .exit "webhookEndpoints") (eq $service "webhook-delivery"))
  (and (eq .exit "paymentProvider") (eq $service "payment"))
  (and (has .exit (list "mail" "sms" "accessPoint")) (eq $service "invoice") $hasWorkers)
  (and (eq .exit "mailReports") (eq $service "invoice") (ne .workload.role "worker"))
  (and (eq .exit "jwks") (eq $service "gateway") (ne .workload.role "worker"))
-}}
true
{{- end -}}
{{- end -}}

{{- define "billing.toDns" -}}
- to:
    {{- toYaml .dns | nindent 4 }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end -}}

{{- define "billing.toPeers" -}}
- to:
    {{- toYaml .peers | nindent 4 }}
  ports:
    {{- include "billing.ports" .ports | nindent 4 }}
{{- end -}}

{{/* Public addresses only, unless networks or peers are named: no private, link-local or metadata address. */}}
{{- define "billing.toOutside" -}}
- to:
    {{- with .peers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- range .networks }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
    {{- if not (or .peers .networks) }}
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
          - 0.0.0.0/8
          - 10.0.0.0/8
          - 100.64.0.0/10
          - 127.0.0.0/8
          - 169.254.0.0/16
          - 172.16.0.0/12
          - 192.0.0.0/24
          - 192.168.0.0/16
          - 198.18.0.0/15
          - 224.0.0.0/4
          - 240.0.0.0/4
    - ipBlock:
        # Global unicast alone; in it the ways back to IPv4: NAT64 lies outside, Teredo and 6to4 within.
        cidr: 2000::/3
        except:
          - 2001::/32
          - 2002::/16
    {{- end }}
  ports:
    {{- include "billing.ports" .ports | nindent 4 }}
{{- end -}}

{{- define "billing.ports" -}}
{{- range . }}
- port: {{ . }}
  protocol: TCP
{{- end }}
{{- end -}}
