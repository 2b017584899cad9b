#!/usr/bin/env bash
# Makes the two base images of infra/gpu/Containerfile where no container registry can be reached: a small Debian of the package registry
# with this machine's own .NET (and node, where it runs there).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/tool.sh"

usage() {
  cat <<'END'
usage: infra/gpu/base.sh [--tool podman|docker|buildah]

Makes localhost/tpo-base (with the .NET SDK) and localhost/tpo-run-base (with ASP.NET Core's runtime) out of debootstrap and this
machine's dotnet folder; asks nothing of a container registry. Again and again: only what changed. Needs root, debootstrap and Debian.

Package registries are asked the way this machine asks them: its apt sources, keys and Acquire settings, its NuGet.Config, its npm
registry and the certificates it trusts are copied into the images. So they are for this machine, not for publishing.
END
}

wanted=
while (($#)); do
  case $1 in
    --tool) wanted=${2:-}; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

suite=$(. /etc/os-release && [[ $ID == debian ]] && echo "$VERSION_CODENAME") || fail "this machine is not a Debian: give build.sh --base an image with the .NET SDK 10."
sdk=$(cd "$root" && dotnet --version) || fail "the .NET SDK 10 is missing (https://dot.net)."
dotnet_folder=$(cd "$root" && dotnet --list-sdks | sed -n "s|^$sdk \[\(.*\)/sdk\]$|\1|p")
[[ -x $dotnet_folder/dotnet ]] || fail "the folder of the .NET SDK $sdk was not found: $(dotnet --list-sdks)"
runtime=$(dotnet --list-runtimes | sed -n 's|^Microsoft.AspNetCore.App \(10[^ ]*\) .*|\1|p' | tail -n 1)
user_nuget=${NUGET_USER_CONFIG:-$HOME/.nuget/NuGet}
machine_nuget=/etc/opt/NuGet

# What the images are made from; the first of a kind that apt names is the mirror.
fingerprint() {
  {
    echo "$suite $sdk $runtime $dotnet_folder"
    cat "${BASH_SOURCE[0]}"
    apt-config dump
    find /etc/apt/sources.list* /etc/apt/auth.conf* /etc/apt/preferences.d "$user_nuget" "$machine_nuget" -type f -exec cat {} + 2>/dev/null || true
    cat /etc/ssl/certs/ca-certificates.crt "$HOME/.npmrc" 2>/dev/null || true
  } | sha256sum | cut -c1-16
}

mirror() { apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sed -n "s/ \($suite\|stable\|oldstable\) main$//p" | head -n 1; }

# What debootstrap mounts in the root it mounts for itself alone: a /proc that stays there would go into the image, and into `rm -r`.
make_root() {
  remove_root; mkdir -p "$folder"
  http_proxy=${http_proxy:-$(proxy http)} https_proxy=${https_proxy:-$(proxy https)} \
    unshare --mount -- debootstrap --variant=minbase --include=ca-certificates,libssl3,libstdc++6,zlib1g "$suite" "$folder" "$(mirror)"
}

remove_root() { rm -rf --one-file-system "$folder"; }

proxy() { local PROXY=; eval "$(apt-config shell PROXY "Acquire::$1::Proxy")"; echo "$PROXY"; }

# What lies at these paths here, at the same place there; whole, because a link that stays there would lead a copy back to here.
same_place() {
  local path
  for path in "$@"; do
    [[ -e $path ]] || continue
    rm -rf "${folder:?}$path"; mkdir -p "$folder$(dirname "$path")"
    cp -aL "$path" "$folder$path"
  done
}

copy_registry_settings() {
  rm -f "$folder/etc/apt/sources.list"
  same_place /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/keyrings /etc/apt/trusted.gpg.d /etc/apt/auth.conf /etc/apt/auth.conf.d /etc/apt/preferences.d /usr/share/keyrings
  apt-config dump | grep '^Acquire::' | grep -v '^Acquire::\(IndexTargets\|Changelogs\)' >"$folder/etc/apt/apt.conf.d/90machine" || true
  same_place /etc/ssl/certs /usr/local/share/ca-certificates "$machine_nuget"
  mkdir -p "$folder/root/.nuget"
  if [[ -d $user_nuget ]]; then cp -aL "$user_nuget" "$folder/root/.nuget/NuGet"; fi
  if command -v npm >/dev/null; then
    cat "$(npm config get globalconfig)" "$(npm config get userconfig)" >"$folder/root/.npmrc" 2>/dev/null || true
    printf '\nregistry=%s\n' "$(npm config get registry)" >>"$folder/root/.npmrc"
  fi
  # A layer that is thrown away after a power cut needs no fsync for every file, and nobody reads manuals in it.
  printf 'force-unsafe-io\npath-exclude /usr/share/doc/*\npath-exclude /usr/share/man/*\n' >"$folder/etc/dpkg/dpkg.cfg.d/image"
  rm -rf "$folder"/var/cache/apt/* "$folder"/var/lib/apt/lists/* "$folder"/usr/share/{doc,man}/*
}

copy_runtime() {
  local target=$folder$dotnet_folder
  mkdir -p "$target/shared" "$folder/usr/bin"
  cp -a "$dotnet_folder"/{dotnet,host} "$target/"
  cp -a "$dotnet_folder/shared/." "$target/shared/"
  ln -sfn "$dotnet_folder/dotnet" "$folder/usr/bin/dotnet"
  chroot "$folder" dotnet --list-runtimes | grep Microsoft.AspNetCore.App
}

copy_sdk() {
  cp -a "$dotnet_folder/." "$folder$dotnet_folder/"
  if ! copy_node; then rm -rf "$folder"/usr/local/{bin/node,bin/npm,lib/npm}; echo "this machine's node does not run there: the build will install Debian's."; fi
}

copy_node() {
  local npm; npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  [[ -f $npm/bin/npm-cli.js ]] || return 1
  mkdir -p "$folder/usr/local/lib"
  cp -aL "$(readlink -f "$(command -v node)")" "$folder/usr/local/bin/node" && cp -aL "$npm" "$folder/usr/local/lib/npm" || return 1
  ln -sfn ../lib/npm/bin/npm-cli.js "$folder/usr/local/bin/npm"
  chroot "$folder" npm --version
}

import() { # import IMAGE: the root folder as an image of one layer
  local old; old=$(image_id "$1")
  local environment=(DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
  if [[ $tool == buildah ]]; then
    local container; container=$(buildah from --name tpo-base-working-container scratch)
    buildah add --quiet "$container" "$folder" /
    buildah config "${environment[@]/#/--env=}" --label "tpo.base=$fingerprint" --cmd /bin/bash "$container"
    buildah commit --rm --quiet "$container" "$1"
  else
    local changes=() setting; for setting in "${environment[@]}"; do changes+=(--change "ENV $setting"); done
    tar -C "$folder" -c . | "$tool" import "${changes[@]}" --change "LABEL tpo.base=$fingerprint" --change 'CMD ["/bin/bash"]' - "$1"
  fi
  if [[ -n $old ]]; then remove_image "$old"; fi
}

choose_tool "$wanted"
fingerprint=$(fingerprint)
if [[ $(image_label localhost/tpo-base tpo.base) == "$fingerprint" && $(image_label localhost/tpo-run-base tpo.base) == "$fingerprint" ]]; then
  echo "base: localhost/tpo-base and localhost/tpo-run-base are up to date ($suite, .NET SDK $sdk)"
  exit 0
fi
[[ $(id -u) -eq 0 ]] || fail "debootstrap needs root."
command -v debootstrap >/dev/null || fail "debootstrap is missing (apt-get install debootstrap)."
[[ -n $(mirror) ]] || fail "apt has no source of '$suite main' to make a Debian of."
folder=$home/root
trap remove_root EXIT
work "base: Debian $suite by debootstrap" make_root
work "base: this machine's registry settings" copy_registry_settings
work "base: ASP.NET Core $runtime" copy_runtime
work "base: localhost/tpo-run-base" import localhost/tpo-run-base
work "base: .NET SDK $sdk" copy_sdk
work "base: localhost/tpo-base" import localhost/tpo-base
say "base: $(image_size localhost/tpo-base) with the SDK, $(image_size localhost/tpo-run-base) to run in"
