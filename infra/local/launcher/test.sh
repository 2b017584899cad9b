# The test lanes. Every lane ends with one line `N passed, N failed, N skipped`. Sourced by ./tpo.

run_tests() {
  local projects=() filter='Lane!=slow&Lane!=record'
  case $1 in
    main) projects=(Unit Conformance Integration) ;;
    unit) projects=(Unit) ;;
    conformance) projects=(Conformance) ;;
    integration) projects=(Integration) ;;
    slow) projects=(Conformance Integration); filter='Lane=slow'; prepare_job_image ;;
    record-histories) record_histories; return ;;
    *) echo "tpo: there is no test lane '$1' (main, unit, conformance, integration, slow, record-histories)." >&2; exit 2 ;;
  esac
  local results=$TPO_HOME/test-results started=$SECONDS project
  rm -rf "$results"; mkdir -p "$results"
  for project in "${projects[@]}"; do
    run_project "$project" "$project" "$filter&Lane!=alone"
    # What is measured of a whole process is measured in one of its own.
    if [[ $project == Unit ]]; then run_project Unit UnitAlone Lane=alone; projects+=(UnitAlone); fi
  done
  count_tests "$results" $((SECONDS - started)) "${projects[@]}"
}

run_project() { # run_project PROJECT NAME FILTER: the results lie in NAME.trx
  echo "== $2"
  dotnet test "$TPO_ROOT/tests/$1" -c Release --no-build --nologo -v quiet --filter "$3" \
    --results-directory "$results" --logger "trx;LogFileName=$2.trx" --logger "console;verbosity=minimal" || true
}

# The slow lane trains in a container. Its image is built before the tests, where nothing else wants the processor and its steps are seen;
# a build that fails fails the test, which builds it again and shows why.
prepare_job_image() {
  install_apt buildah debootstrap
  "$TPO_ROOT/infra/gpu/build.sh" --tool buildah --packages offline --own-storage || true
}

# Runs the real app through all that its orchestrators can come to and makes tests/Conformance/Histories/**/*.json of the log. For an
# orchestrator that is new, or one that was changed while no instance of it can be running anywhere.
record_histories() {
  local project; export TPO_HISTORIES; TPO_HISTORIES=$(mktemp -d)
  for project in Integration Conformance; do
    dotnet test "$TPO_ROOT/tests/$project" -c Release --no-build --nologo -v quiet --filter Lane=record || exit 1
  done
  rm -r "$TPO_HISTORIES"
  git -C "$TPO_ROOT" status --short tests/Conformance/Histories
}

# Adds up the counters of the result files; a project that left none counts as one failure, so that a crash is never green.
count_tests() {
  local results=$1 seconds=$2 passed=0 failed=0 skipped=0 total=0 project file; shift 2
  for project in "$@"; do
    file=$results/$project.trx
    if [[ ! -s $file ]]; then
      echo "no results of $project: the run crashed" >&2; failed=$((failed + 1)); continue
    fi
    total=$(counter "$file" total); local p f
    p=$(counter "$file" passed); f=$(counter "$file" failed)
    passed=$((passed + p)); failed=$((failed + f)); skipped=$((skipped + total - p - f))
  done
  echo "tests took $seconds s"
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0 && passed > 0))
}

counter() { grep -o "<Counters [^>]*" "$1" | grep -o "\b$2=\"[0-9]*\"" | head -n1 | grep -o '[0-9]*'; }
