{{/* What is the same for every pod of the chart. */}}
{{- define "sluice.pod" -}}
serviceAccountName: {{ include "sluice.account" . | quote }}
automountServiceAccountToken: false
# Without this a Service named "sluice" puts SLUICE_PORT=tcp://… among the settings, and the gateway refuses to start.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.security.user }}
  runAsGroup: {{ .Values.security.group }}
  fsGroup: {{ .Values.security.group }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "sluice.contained" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* One variable from a Secret: `dict "env" "NAME" "from" (dict "name" … "key" …)`. */}}
{{- define "sluice.secretEnv" -}}
- name: {{ .env | quote }}
  valueFrom:
    secretKeyRef:
      name: {{ .from.name | quote }}
      key: {{ .from.key | quote }}
{{- end -}}

{{/* The variable that holds a model's key. Not SLUICE_…: the gateway refuses those that it does not know. */}}
{{- define "sluice.keyEnv" -}}
{{- printf "MODEL_KEY_%s" (regexReplaceAll "[^A-Z0-9]+" (upper .) "_") -}}
{{- end -}}

{{/* The name under which an upstream's key is kept: `dict "model" … "number" 0 "one" …`. */}}
{{- define "sluice.upstream" -}}
{{- printf "%s %s" .model (default (add1 .number | toString) .one.name) -}}
{{- end -}}

{{/* One upstream as sluice.yaml has it: `dict "place" … "name" …`. */}}
{{- define "sluice.place" -}}
{{- $entry := dict -}}
{{- range $theirs, $ours := dict "provider" "provider" "baseUrl" "base_url" "model" "model" "timeouts" "timeouts" "region" "region" "wire" "wire" "price" "price" "concurrency" "concurrency" "options" "options" -}}
{{- with get $.place $theirs }}{{ $_ := set $entry $ours . }}{{ end -}}
{{- end -}}
{{- if .place.keySecret }}{{ $_ := set $entry "key_env" (include "sluice.keyEnv" .name) }}{{ end -}}
{{- toYaml $entry -}}
{{- end -}}

{{/* "true" where more than one process serves: what one has in memory, the others do not know. */}}
{{- define "sluice.several" -}}
{{- or (gt (int .Values.replicas) 1) (gt (int .Values.workers) 1) .Values.autoscaling.enabled -}}
{{- end -}}
