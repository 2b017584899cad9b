# What this machine needs: Debian packages, npm packages, one NuGet package out of the SDK, and the build. Sourced by ./tpo.

apt_packages=(curl ffmpeg libtorch-dev libopenblas0-pthread g++ chromium fonts-dejavu-core util-linux)

step() { # step "what it does" command...: runs it quietly, says how long it took; on failure shows what it printed
  local what=$1 log started=$SECONDS; shift
  log=$(mktemp)
  printf '%-58s' "$what ..."
  if "$@" >"$log" 2>&1; then
    echo "$((SECONDS - started)) s"; rm -f "$log"
  else
    echo "failed"; tail -n 40 "$log" >&2; rm -f "$log"; return 1
  fi
}

setup() {
  local started=$SECONDS
  command -v dotnet >/dev/null || { echo "tpo: the .NET SDK 10 is missing (https://dot.net)." >&2; exit 1; }
  command -v npm >/dev/null || { echo "tpo: node and npm are missing." >&2; exit 1; }
  install_apt "${apt_packages[@]}"
  npm_is_fresh || step "npm: storage emulator, ONNX Runtime, browser driver" install_npm
  [[ -f $npm_folder/feed/System.IO.Hashing.6.0.0.nupkg ]] ||
    step "local feed: System.IO.Hashing out of the SDK" dotnet pack "$npm_folder/Hashing" -o "$npm_folder/feed"
  [[ -f $TPO_ROOT/local.settings.json ]] || sed "s|@ROOT@|$TPO_ROOT|g" "$TPO_ROOT/infra/local/local.settings.template.json" >"$TPO_ROOT/local.settings.json"
  step "build (libtorch shim, offline parts, product, tests)" build
  echo "setup finished in $((SECONDS - started)) s"
}

install_apt() { # install_apt PACKAGE...: those that are missing
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  [[ $(id -u) -eq 0 ]] || { echo "tpo: these Debian packages are missing; install them with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2; exit 1; }
  step "apt: package lists" apt-get update
  step "apt: ${#missing[@]} packages (${missing[0]} ...)" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

npm_is_fresh() { cmp -s "$npm_folder/package.json" "$npm_folder/node_modules/.tpo-package.json"; }

install_npm() {
  (cd "$npm_folder" && npm install --no-package-lock --omit=dev --no-fund --no-audit)
  cp "$npm_folder/package.json" "$npm_folder/node_modules/.tpo-package.json"
}

build() { dotnet build "$TPO_ROOT/TpoServerless.sln" -c Release -v quiet; }

is_built() { [[ -f $cli_dll && -f $job_dll && -f $app_dll ]]; }

# A demo or a test must run what lies in the tree: setup is quick where nothing changed. TPO_READY=1 says that it was just done.
setup_if_needed() { [[ ${TPO_READY:-} == 1 ]] || setup; }

ensure_built() { is_built || { echo "tpo: nothing is built yet; running setup first." >&2; setup; }; }

cli() { exec dotnet "$cli_dll" "$@"; }
