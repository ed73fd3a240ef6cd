# Goes on as "ace-main": the appc executor spec's "App Container Metadata Service", endpoint by endpoint.
url=$AC_METADATA_URL/acMetadata/v1
ascii='text/plain; charset=us-ascii'
address=${AC_METADATA_URL#http://}
token=${address#*/}
address=${address%%/*}
get() { busybox wget -q -O - "$url/$1"; }
post() { busybox wget -q -O - --post-data "$2" "$url/$1"; }
ask() { # METHOD PATH [HEADER]: the answer, its status line first
  printf '%s %b HTTP/1.1\r\nHost: %s\r\n%b\r\n' "$1" "$2" "$address" "${3:+$3\r\n}" |
    busybox nc "${address%:*}" "${address##*:}" | busybox tr -d '\r'
}
status() { ask "$1" "/$token/acMetadata/v1/$2" "$3" | busybox sed -n '1s/^HTTP.1.1 \([0-9]*\).*/\1/p'; }
type() { is "$(busybox wget -S -O /dev/null ${3:+--post-data "$3"} "$url/$1" 2>&1 | busybox sed -n 's/^ *content-type: *//Ip')" "$2"; }
encoded() { echo "$1" | busybox sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g'; }
verify() { post pod/hmac/verify "content=$1&uuid=$2&signature=$(encoded "$3")"; }
refused() { # WITH WHAT, COMMAND…
  ! said=$(busybox wget -q -O - --post-data "$2" "$url/$1" 2>&1) && matches "$said" "$3"
}
lacks() { ! matches "$@"; }

check 'AC_METADATA_URL is an HTTP URL with a token of 128 bits' matches "$AC_METADATA_URL" '^http://[0-9.]+:[0-9]+/[0-9a-f]{32}$'
check 'the token is not the UUID' lacks "$(get pod/uuid | busybox tr -d -)" "^$token\$"
check 'GET pod/annotations: those of the pod manifest' matches "$(get pod/annotations)" '^\[.*\]$'
check 'GET pod/annotations: application/json' type pod/annotations application/json
check 'GET pod/manifest: the pod manifest' matches "$(get pod/manifest)" '"acKind":"PodManifest"'
check 'GET pod/manifest: fully reified' matches "$(get pod/manifest)" '"name":"IN_POD","value":"yes"'
check 'GET pod/manifest: application/json' type pod/manifest application/json
check 'GET pod/uuid: an RFC 4122 UUID in canonical form' matches "$(get pod/uuid)" '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
check 'GET pod/uuid: text/plain; charset=us-ascii' type pod/uuid "$ascii"
check 'GET apps/$AC_APP_NAME/annotations: those of the image' matches "$(get "apps/$AC_APP_NAME/annotations")" '"name":"ace/check","value":"yes"'
check 'GET apps/$AC_APP_NAME/annotations: merged with those of the pod' matches "$(get "apps/$AC_APP_NAME/annotations")" '"name":"ace/merged","value":"pod"'
check 'GET apps/$AC_APP_NAME/annotations: those of the pod win' lacks "$(get "apps/$AC_APP_NAME/annotations")" '"name":"ace/merged","value":"image"'
check 'GET apps/$AC_APP_NAME/annotations: application/json' type "apps/$AC_APP_NAME/annotations" application/json
check 'GET apps/$AC_APP_NAME/annotations/NAME: the value, as in rkt' is "$(get "apps/$AC_APP_NAME/annotations/ace/check")" yes
check 'GET apps/$AC_APP_NAME/image/manifest: the image manifest' matches "$(get "apps/$AC_APP_NAME/image/manifest")" '"acKind":"ImageManifest".*"example.com/ace-main"'
check 'GET apps/$AC_APP_NAME/image/manifest: the original' lacks "$(get "apps/$AC_APP_NAME/image/manifest")" '"name":"IN_POD"'
check 'GET apps/$AC_APP_NAME/image/manifest: application/json' type "apps/$AC_APP_NAME/image/manifest" application/json
check 'GET apps/$AC_APP_NAME/image/id: the image ID' matches "$(get "apps/$AC_APP_NAME/image/id")" '^sha512-[0-9a-f]{128}$'
check 'GET apps/$AC_APP_NAME/image/id: that of the pod manifest' matches "$(get pod/manifest)" "$(get "apps/$AC_APP_NAME/image/id")"
check 'GET apps/$AC_APP_NAME/image/id: text/plain; charset=us-ascii' type "apps/$AC_APP_NAME/image/id" "$ascii"
check 'GET apps/ace-side/image/id: the other app can be asked about' matches "$(get apps/ace-side/image/id)" '^sha512-'
signature=$(post pod/hmac/sign content=hello)
check 'POST pod/hmac/sign: base64 of an HMAC-SHA512' is "$(echo "$signature" | busybox base64 -d | busybox wc -c)" 64
check 'POST pod/hmac/sign: text/plain; charset=us-ascii' type pod/hmac/sign "$ascii" content=hello
check 'POST pod/hmac/verify: 200 to a signature of the pod' verify hello "$(get pod/uuid)" "$signature"
check 'POST pod/hmac/verify: 403 to another content' refused pod/hmac/verify "content=other&uuid=$(get pod/uuid)&signature=$(encoded "$signature")" ' 403 '
check 'POST pod/hmac/verify: 403 to another UUID' refused pod/hmac/verify "content=hello&uuid=6733c088-a507-4694-aabf-9b6e3f1a5c55&signature=$(encoded "$signature")" ' 403 '
check 'POST pod/hmac/verify: 403 to no signature' refused pod/hmac/verify "content=hello&uuid=$(get pod/uuid)&signature=" ' 403 '
check 'POST pod/hmac/sign: 400 to a form without content' refused pod/hmac/sign 'other=hello' ' 400 '
check 'a client that says Metadata-Flavor, as older texts have it, is answered' is "$(status GET pod/uuid 'Metadata-Flavor: AppContainer')" 200
check 'a client that does not is answered, too' is "$(status GET pod/uuid)" 200
check 'another token: 401' matches "$(ask GET '/00000000000000000000000000000000/acMetadata/v1/pod/uuid')" '^HTTP/1.1 401 '
check 'what the spec does not name: 404' is "$(status GET apps/nobody/image/id)" 404
check 'POST to what is for GET: 405' is "$(status POST pod/uuid 'Content-Length: 0')" 405
check 'GET of what is for POST: 405' is "$(status GET pod/hmac/sign)" 405
echo "$(get pod/uuid) $signature" > /db/signature
