#!/usr/bin/env bash
# Builds the training job's image with the container program that is there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/tool.sh"

usage() {
  cat <<'END'
usage: infra/gpu/build.sh [options]

  --tool NAME        podman, docker or buildah (default: the first that answers)
  --packages WHICH   official: TorchSharp with CUDA from NuGet; offline: the shim over Debian's libtorch, on the CPU (default: official)
  --base IMAGE       an image with the .NET SDK 10 (default: mcr.microsoft.com/dotnet/sdk:10.0; offline: made here by infra/gpu/base.sh)
  --run-base IMAGE   an image with ASP.NET Core's runtime (default: the base's counterpart, or the base itself where --base is given)
  --user NAME        tpo, or root where a host starts its jobs as root alone (default: tpo)
  --tag NAME         the image's name (default: localhost/tpo-gpujob)
  --layers           buildah: keep every step for the next build, as podman and docker do; on vfs each is a full copy (20 GB in all)

  --own-storage      podman, buildah: keep the images below TPO_HOME (default: .tpo), not in the machine's storage; whoever runs them sets
                     CONTAINERS_STORAGE_CONF to its container/storage.conf

Builds nothing where the image was made of the same sources, base and options.
END
}

wanted= packages=official base= run_base= user=tpo tag=localhost/tpo-gpujob layers=()
while (($#)); do
  case $1 in
    --tool) wanted=$2; shift 2 ;;
    --packages) packages=$2; shift 2 ;;
    --base) base=$2; shift 2 ;;
    --run-base) run_base=$2; shift 2 ;;
    --user) user=$2; shift 2 ;;
    --tag) tag=$2; shift 2 ;;
    --layers) layers=(--layers); shift ;;
    --own-storage) own_storage; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

choose_bases() {
  if [[ -n $base ]]; then
    run_base=${run_base:-$base}
  elif [[ $packages == offline ]]; then
    "$root/infra/gpu/base.sh" --tool "$tool"
    base=localhost/tpo-base run_base=${run_base:-localhost/tpo-run-base}
  else
    base=mcr.microsoft.com/dotnet/sdk:10.0 run_base=${run_base:-mcr.microsoft.com/dotnet/aspnet:10.0}
  fi
}

# What the image is made of: the files that the Containerfile copies, the bases and the options.
sources() {
  {
    echo "$packages $user $base $(image_id "$base") $run_base $(image_id "$run_base")"
    find global.json NuGet.config Directory.* infra/gpu/Containerfile infra/gpu/job.sh infra/local/launcher/blas.sh infra/offline infra/sandbox src/Shared src/GpuJob \
      \( -name bin -o -name obj -o -name node_modules -o -name '*.nupkg' \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
  } | sha256sum | cut -c1-16
}

build() {
  local arguments=(--build-arg "BASE=$base" --build-arg "RUN_BASE=$run_base" --build-arg "TPO_PACKAGES=$packages" --build-arg "JOB_USER=$user" --build-arg "SOURCES=$sources") name
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    if [[ -n ${!name:-} ]]; then arguments+=(--build-arg "$name=${!name}"); fi
  done
  case $tool in
    docker) docker build --progress=plain "${arguments[@]}" -f infra/gpu/Containerfile -t "$tag" . ;;
    podman) podman build "${arguments[@]}" -f infra/gpu/Containerfile -t "$tag" . ;;
    buildah) buildah bud "${layers[@]}" "${arguments[@]}" -f infra/gpu/Containerfile -t "$tag" . ;;
  esac
}

# The beginning of every step with its time; all of it, where the build fails.
show_steps() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    if [[ $line =~ (STEP|^#[0-9]+\ \[)[^\]]*[0-9]+/[0-9]+ ]]; then say "${line:0:140}"; fi
  done
}

cd "$root"
choose_tool "$wanted"
# One build at a time; then what one leaves that was killed is nobody's.
mkdir -p "$home"; exec 9>"$home/lock"; flock 9
if [[ $tool == buildah ]]; then remove_leftovers; fi
choose_bases
sources=$(sources)
if [[ $(image_label "$tag" tpo.sources) == "$sources" ]]; then
  echo "image: $tag is up to date ($packages packages, $(image_size "$tag"))"
  exit 0
fi
say "image: $tag with $packages packages, by $tool"
old=$(image_id "$tag")
log=$(mktemp); trap 'rm -f "$log"' EXIT
build 2>&1 | show_steps || { tail -n 60 "$log" >&2; fail "the image could not be built."; }
if [[ -n $old && $old != "$(image_id "$tag")" ]]; then remove_image "$old"; fi
say "image: $tag is built, $(image_size "$tag")"
