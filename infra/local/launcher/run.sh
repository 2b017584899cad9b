# Starting and stopping the local parts: Azurite (storage emulator) and the function app. Sourced by ./tpo.
# Ports and folders can be moved with TPO_PORT, TPO_STORAGE_PORT and TPO_HOME, so that several can run side by side.

export TPO_PORT=${TPO_PORT:-7071}
export TPO_STORAGE_PORT=${TPO_STORAGE_PORT:-10000}
export TPO_URL=http://127.0.0.1:$TPO_PORT

# The emulator's own well-known development account: no secret.
account=devstoreaccount1
account_key=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==
export AzureWebJobsStorage=${TPO_STORAGE:-"DefaultEndpointsProtocol=http;AccountName=$account;AccountKey=$account_key;BlobEndpoint=http://127.0.0.1:$TPO_STORAGE_PORT/$account;QueueEndpoint=http://127.0.0.1:$((TPO_STORAGE_PORT + 1))/$account"}
export Tpo__WorkFolder=$TPO_HOME/work
export Tpo__FFmpegFolder=$TPO_ROOT/infra/sandbox
export Tpo__JobCommand="dotnet $job_dll"
export Tpo__NightlySchedule=${Tpo__NightlySchedule:-"0 0 2 * * *"}
# One thread a native kernel: two busy ones on a shared machine are slower than one.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

run_folder=$TPO_HOME/run
log_folder=$TPO_HOME/logs

alive() { [[ -f $run_folder/$1.pid ]] && kill -0 "$(<"$run_folder/$1.pid")" 2>/dev/null; }

start_part() { # start_part NAME command...: in a session of its own, output to a log, process id kept
  local name=$1; shift
  mkdir -p "$run_folder" "$log_folder" "$Tpo__WorkFolder"
  setsid "$@" >>"$log_folder/$name.log" 2>&1 </dev/null &
  echo $! >"$run_folder/$name.pid"
}

answers() { curl -s -o /dev/null --max-time 5 "$1"; }

wait_for() { # wait_for URL SECONDS NAME
  local deadline=$((SECONDS + $2))
  until answers "$1"; do
    alive "$3" || { echo "tpo: $3 ended while starting; its last words:" >&2; tail -n 20 "$log_folder/$3.log" >&2; return 1; }
    ((SECONDS < deadline)) || { echo "tpo: $3 did not answer at $1 within $2 s; see $log_folder/$3.log" >&2; return 1; }
    sleep 0.3
  done
}

up() {
  if [[ -z ${TPO_STORAGE:-} ]] && ! alive azurite; then
    if answers "http://127.0.0.1:$TPO_STORAGE_PORT/"; then
      echo "tpo: port $TPO_STORAGE_PORT is taken by another program; set TPO_STORAGE_PORT to a free one." >&2; exit 1
    fi
    start_part azurite node "$npm_folder/node_modules/azurite/dist/src/azurite.js" --silent --skipApiVersionCheck --disableTelemetry \
      --location "$TPO_HOME/azurite" --blobPort "$TPO_STORAGE_PORT" --queuePort "$((TPO_STORAGE_PORT + 1))" --tablePort "$((TPO_STORAGE_PORT + 2))"
    wait_for "http://127.0.0.1:$TPO_STORAGE_PORT/" 60 azurite
  fi
  dotnet "$cli_dll" seed
  if ! alive app; then
    if answers "$TPO_URL/api/health"; then
      echo "tpo: port $TPO_PORT is taken by another program; set TPO_PORT to a free one." >&2; exit 1
    fi
    start_part app dotnet "$app_dll"
    wait_for "$TPO_URL/api/health" 60 app
  fi
  echo "up: $TPO_URL/api/dashboard"
}

stop_part() {
  alive "$1" || { rm -f "$run_folder/$1.pid"; return 0; }
  local pid; pid=$(<"$run_folder/$1.pid")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$run_folder/$1.pid"
}

down() { stop_part app; stop_part azurite; echo "down"; }

logs() { tail -n 40 -F "$log_folder"/*.log; }

require_up() {
  answers "$TPO_URL/api/health" || { echo "tpo: the function app does not answer at $TPO_URL; start it with ./tpo up" >&2; exit 1; }
}

asks_help() { [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; }
