#!/bin/sh
# The installed program, with the configuration of this system unless another one is named.
CORDON_CONFIG=${CORDON_CONFIG:-/etc/cordon/cordon.yaml}
export CORDON_CONFIG
exec @NODE@ --max-semi-space-size=1 /usr/lib/cordon/dist/src/main.js "$@"
