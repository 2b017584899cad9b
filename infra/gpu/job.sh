# The container's entrypoint: the job, with the matrix kernels that the processor can run.
. /blas.sh
exec dotnet /job/Tpo.GpuJob.dll "$@"
