{{/* Contradictions that a schema cannot see. Included by the Deployment, so that nothing is installed. */}}
{{- define "sluice.check" -}}
{{- $sqlite := not .Values.database.urlSecret.name -}}
{{- if and $sqlite (gt (int .Values.replicas) 1) -}}
{{- fail (printf "replicas: %d needs PostgreSQL, an SQLite file has one writer. Make a Secret with a PostgreSQL URL and set database.urlSecret.name, or set replicas: 1" (int .Values.replicas)) -}}
{{- end -}}
{{- if and $sqlite .Values.autoscaling.enabled -}}
{{- fail "autoscaling.enabled needs PostgreSQL, an SQLite file has one writer. Make a Secret with a PostgreSQL URL and set database.urlSecret.name, or set autoscaling.enabled: false" -}}
{{- end -}}
{{- if and (not $sqlite) .Values.sqlite.persistence.enabled -}}
{{- fail "sqlite.persistence.enabled and database.urlSecret.name contradict each other: records go to one of them. Unset one" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is larger than autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (not (dig "requests" "cpu" "" .Values.resources)) -}}
{{- fail "autoscaling.enabled needs resources.requests.cpu: the share of it that is used is what scales" -}}
{{- end -}}
{{- $taken := "^(HOME$|SLUICE_|MODEL_KEY_|QUOTA_COUNTERS$|HANDOFF_SECRET$|RESPONSES_AT$|VAULT_AT$|KNOWLEDGE_(DATABASE|RERANK_KEY|SEARCH_KEY)$)" -}}
{{- range $name, $value := merge dict .Values.env .Values.secretEnv -}}
{{- if regexMatch $taken $name -}}
{{- fail (printf "env: %s is for the chart to set. Use the value that is meant for it" $name) -}}
{{- end -}}
{{- end -}}
{{- if ne (empty .Values.handoff.url) (empty .Values.handoff.secret.name) -}}
{{- fail "handoff needs both url and secret.name, or neither: what people are told is signed" -}}
{{- end -}}
{{- range $name, $value := .Values.env -}}
{{- if regexMatch "(?i)(key|token|secret|passw|credential|database_url)" $name -}}
{{- fail (printf "env: %s looks like a secret. Put it into a Secret and name that in secretEnv" $name) -}}
{{- end -}}
{{- if hasKey $.Values.secretEnv $name -}}
{{- fail (printf "env and secretEnv both have %s. Remove one" $name) -}}
{{- end -}}
{{- end -}}
{{- range $where, $tag := dict "image.tag" .Values.image.tag "nightly.image.tag" .Values.nightly.image.tag -}}
{{- if eq $tag "latest" -}}
{{- fail (printf "%s: latest names no version, so nobody could say what runs. Name a version, or leave it empty for the chart's own" $where) -}}
{{- end -}}
{{- end -}}
{{- with .Values.nightly -}}
{{- if and .enabled (or $.Values.models $.Values.upstream.url) (not (or .model $.Values.defaultModel $.Values.upstream.model)) -}}
{{- fail "nightly.model: say which model is evaluated; there is no defaultModel and no upstream.model" -}}
{{- end -}}
{{- if ne (empty .judge.baseUrl) (empty .judge.model) -}}
{{- fail "nightly.judge needs both baseUrl and model, or neither" -}}
{{- end -}}
{{- if ne (empty .webhook.url) (empty .webhook.secret.name) -}}
{{- fail "nightly.webhook needs both url and secret.name, or neither: what it tells is signed" -}}
{{- end -}}
{{- end -}}
{{- if and (not .Values.upstream.url) (or .Values.upstream.model .Values.upstream.keySecret.name) -}}
{{- fail "upstream.model and upstream.keySecret do nothing without upstream.url. Set it, or empty them" -}}
{{- end -}}
{{- if and .Values.upstream.url .Values.models -}}
{{- fail "upstream.url and models contradict each other: move the upstream into models, or empty one of them" -}}
{{- end -}}
{{- if and .Values.defaultModel (not (hasKey .Values.models .Values.defaultModel)) -}}
{{- fail (printf "defaultModel: %s is not in models; it has: %s" .Values.defaultModel (keys .Values.models | sortAlpha | join ", ")) -}}
{{- end -}}
{{- $seen := dict -}}
{{- range $name := keys .Values.models | sortAlpha -}}
{{- $env := include "sluice.keyEnv" $name -}}
{{- if hasKey $seen $env -}}
{{- fail (printf "models: %s and %s differ in punctuation only and would share the variable %s. Rename one" (get $seen $env) $name $env) -}}
{{- end -}}
{{- $_ := set $seen $env $name -}}
{{- range $number, $one := (get $.Values.models $name).upstreams -}}
{{- $upstream := include "sluice.upstream" (dict "model" $name "number" $number "one" $one) -}}
{{- $env := include "sluice.keyEnv" $upstream -}}
{{- if hasKey $seen $env -}}
{{- fail (printf "models: %s and %s differ in punctuation only and would share the variable %s. Rename one" (get $seen $env) $upstream $env) -}}
{{- end -}}
{{- $_ := set $seen $env $upstream -}}
{{- end -}}
{{- end -}}
{{- $several := eq (include "sluice.several" .) "true" -}}
{{- range $what, $place := dict "responses" .Values.responses "vault" .Values.vault -}}
{{- if and $several (eq $place.at "memory") -}}
{{- fail (printf "%s.at: memory is one process's alone, and there are several. Write database or redis" $what) -}}
{{- end -}}
{{- if ne (eq $place.at "redis") (not (empty $place.urlSecret.name)) -}}
{{- fail (printf "%s.at: redis and %s.urlSecret.name, the Secret with its address, need each other" $what $what) -}}
{{- end -}}
{{- end -}}
{{- if and (or .Values.vault.at (has .Values.responses.at (list "database" "redis"))) (not .Values.privacyKeySecret.name) -}}
{{- fail "vault and responses seal what they keep. Set privacyKeySecret.name, the Secret with the key" -}}
{{- end -}}
{{- with .Values.answers.embeddings -}}
{{- if and .url .folder -}}
{{- fail "answers.embeddings has url and folder. Set one: an endpoint, or a model of your own" -}}
{{- end -}}
{{- if and (not .url) (or .model .keySecret.name) -}}
{{- fail "answers.embeddings.model and keySecret do nothing without url. Set it, or empty them" -}}
{{- end -}}
{{- end -}}
{{- with .Values.knowledge -}}
{{- if and .enabled $several (not .urlSecret.name) -}}
{{- fail "knowledge.enabled: an SQLite file is one pod's alone, and there are several processes. Make a Secret with a PostgreSQL URL and set knowledge.urlSecret.name" -}}
{{- end -}}
{{- range $name, $one := dict "rerank" .rerank "search" .search "embeddings" .embeddings -}}
{{- if and (not $one.url) (or $one.model $one.keySecret.name) -}}
{{- fail (printf "knowledge.%s.model and keySecret do nothing without url. Set it, or empty them" $name) -}}
{{- end -}}
{{- end -}}
{{- if and (not .enabled) (or .urlSecret.name .rerank.url .search.url .embeddings.url) -}}
{{- fail "knowledge has values, but knowledge.enabled is false. Set it, or empty them" -}}
{{- end -}}
{{- end -}}
{{- range $path, $model := .Values.unguarded -}}
{{- if and $.Values.models (not (hasKey $.Values.models $model)) -}}
{{- fail (printf "unguarded: %s leads to %s, which is not in models; it has: %s" $path $model (keys $.Values.models | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.unlabelled (not .Values.clientKeysSecret.name) -}}
{{- fail "unlabelled: agreements are of client keys. Set clientKeysSecret.name, the Secret with the keys" -}}
{{- end -}}
{{- range $file, $content := .Values.policies -}}
{{- if and $several (not $.Values.keys.countersSecret.name) (hasKey (fromYaml $content) "misuse") -}}
{{- fail (printf "policies: %s suspends users (misuse), but each of several processes would count alone. Set keys.countersSecret.name, the Secret with a Redis address" $file) -}}
{{- end -}}
{{- end -}}
{{- range $name, $file := .Values.stricter -}}
{{- if not (hasKey $.Values.policies $file) -}}
{{- fail (printf "stricter: %s is %s, which is not in policies; it has: %s" $name $file (keys $.Values.policies | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- range $name, $file := .Values.keyPolicies -}}
{{- if not (hasKey $.Values.policies $file) -}}
{{- fail (printf "keyPolicies: %s is %s, which is not in policies; it has: %s" $name $file (keys $.Values.policies | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- if .Values.policies -}}
{{- if not (hasKey .Values.policies .Values.policy) -}}
{{- fail (printf "policy: %s is not in policies; it has: %s" .Values.policy (keys .Values.policies | sortAlpha | join ", ")) -}}
{{- end -}}
{{- range $file, $content := .Values.policies -}}
{{- $parsed := fromYaml $content -}}
{{- if hasKey $parsed "Error" -}}
{{- fail (printf "policies: %s is not YAML: %s" $file $parsed.Error) -}}
{{- end -}}
{{- end -}}
{{- else if ne .Values.policy "policy.yaml" -}}
{{- fail (printf "policy: %s is not in policies, which is empty. Add it there, or leave policy: policy.yaml" .Values.policy) -}}
{{- end -}}
{{- $needed := add (int .Values.shutdown.preStopSeconds) (mul 2 (int .Values.shutdown.drainSeconds)) -}}
{{- if lt (int64 .Values.shutdown.graceSeconds) $needed -}}
{{- fail (printf "shutdown.graceSeconds: %d cuts records off. preStopSeconds and twice drainSeconds (answers, then records) need %d" (int .Values.shutdown.graceSeconds) $needed) -}}
{{- end -}}
{{- end -}}
