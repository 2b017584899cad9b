# Which program builds and runs containers here, and how to ask it things. Sourced by base.sh and build.sh.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
home=$(realpath -m "${TPO_HOME:-$root/.tpo}/container")

# What buildah can do on every machine: no overlay mounts, no runtime. Whoever has them sets these two.
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}

fail() { echo "${0##*/}: $*" >&2; exit 1; }

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# Runs a function quietly and says how long it took; where one of its commands fails it ends there and shows what it printed.
work() { # work "what it does" function...
  local what=$1 began=$SECONDS log code; shift
  log=$(mktemp)
  # Not `if "$@"`: within a condition bash forgets -e, and a half made root would become an image.
  set +e; (set -e; "$@") >"$log" 2>&1; code=$?; set -e
  if ((code)); then
    say "$what: failed"; tail -n 40 "$log" >&2; rm -f "$log"; exit 1
  fi
  say "$what: $((SECONDS - began)) s"; rm -f "$log"
}

# The wanted one, or the first that is there and answers (docker without its daemon does not).
choose_tool() { # choose_tool [NAME]: sets tool
  local candidate
  for candidate in ${1:-podman docker buildah}; do
    if "$candidate" info >/dev/null 2>&1; then tool=$candidate; break; fi
  done
  [[ -n ${tool:-} ]] || fail "none that answers of: ${1:-podman, docker, buildah} (Debian: apt-get install buildah)."
}

own_storage() {
  mkdir -p "$home"
  printf '[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "%s"\n' "$STORAGE_DRIVER" "$home/storage" "$home/run" >"$home/storage.conf"
  export CONTAINERS_STORAGE_CONF=$home/storage.conf
}

image_label() { # image_label IMAGE LABEL: empty where there is no such image
  case $tool in
    buildah) buildah inspect --type image --format "{{index .OCIv1.Config.Labels \"$2\"}}" "$1" 2>/dev/null || true ;;
    *) "$tool" image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null || true ;;
  esac
}

image_id() { # empty where there is no such image
  if [[ $tool == buildah ]]; then buildah images --quiet --no-trunc "$1"; else "$tool" image inspect --format '{{.Id}}' "$1"; fi 2>/dev/null || true
}

image_size() {
  case $tool in
    buildah) buildah images --format '{{.Size}}' "$1" ;;
    *) "$tool" image inspect --format '{{.Size}}' "$1" | numfmt --to=si --suffix=B ;;
  esac
}

remove_image() { if [[ $tool == buildah ]]; then buildah rmi "$1"; else "$tool" rmi "$1"; fi >/dev/null 2>&1 || true; }

# Containers of a build are named after their base.
remove_leftovers() {
  local name
  for name in $(buildah containers --format '{{.ContainerName}}'); do
    if [[ $name =~ ^tpo-(run-)?base-working-container ]]; then buildah rm "$name" >/dev/null; fi
  done
}
