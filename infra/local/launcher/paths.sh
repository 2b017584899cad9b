# Where the built programs lie. Sourced by ./tpo, first of all parts.

cli_dll=$TPO_ROOT/src/Cli/bin/Release/net10.0/Tpo.Cli.dll
job_dll=$TPO_ROOT/src/GpuJob/bin/Release/net10.0/Tpo.GpuJob.dll
app_dll=$TPO_ROOT/src/Functions/bin/Release/net10.0/Tpo.Functions.dll
npm_folder=$TPO_ROOT/infra/offline
