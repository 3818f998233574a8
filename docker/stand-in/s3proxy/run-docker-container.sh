#!/bin/sh
exec java -XX:+UseSerialGC -DLOG_LEVEL="${LOG_LEVEL:-info}" \
  -Ds3proxy.authorization="${S3PROXY_AUTHORIZATION:-aws-v2-or-v4}" \
  -Ds3proxy.endpoint="${S3PROXY_ENDPOINT:-http://0.0.0.0:80}" \
  -Ds3proxy.identity="${S3PROXY_IDENTITY:-local-identity}" \
  -Ds3proxy.credential="${S3PROXY_CREDENTIAL:-local-credential}" \
  -Djclouds.provider="${JCLOUDS_PROVIDER:-filesystem}" \
  -Djclouds.identity=remote-identity -Djclouds.credential=remote-credential \
  -Djclouds.filesystem.basedir="${JCLOUDS_FILESYSTEM_BASEDIR:-/data}" \
  -cp '/opt/s3proxy/lib/*' org.gaul.s3proxy.Main --properties /dev/null
