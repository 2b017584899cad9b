# Which kernels OpenBLAS multiplies with. It knows processors by their model and takes its oldest (SSE3) for one newer than itself: measured, a sixth of the
# speed. So it is told by what the processor can do. A value that is set already stays. Sourced by ./tpo and by the job's container.

best_kernels() {
  local flags
  flags=" $(sed -n 's/^flags[^:]*://p' /proc/cpuinfo 2>/dev/null | head -n 1) "
  has_all() { local flag; for flag in "$@"; do case $flags in *" $flag "*) ;; *) return 1 ;; esac; done; }
  if has_all avx512f avx512cd avx512bw avx512dq avx512vl; then echo SkylakeX
  elif has_all avx2 fma; then echo Haswell
  fi
}

if [ -z "${OPENBLAS_CORETYPE:-}" ] && kernels=$(best_kernels) && [ -n "$kernels" ]; then export OPENBLAS_CORETYPE=$kernels; fi
